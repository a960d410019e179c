package sv

import "github.com/holdless/holdless/sounds/grammar"

// replies are what people answer to a question, folded.
var replies = grammar.Replies{
	Numbers: grammar.Words("noll ett tva tre fyra fem sex sju atta nio tio"),
	Also:    grammar.Words("etta=1 ettan=1 tvaa=2 trea=3 femma=5 femman=5 sexa=6 sjua=7 tia=10"),
	Of:      grammar.Words("av"),
	Not:     grammar.Words("inte nej aldrig ej knappast ingen"),
	Stop:    grammar.Words("stopp sluta avsluta avregistrera avboka"),
	Cease:   grammar.Words("sluta stoppa"),
	About:   grammar.Words("meddelande meddelanden meddelandena sms skicka enkat enkater fragor"),
	Wishes:  []string{"inga fler", "inte mer", "inga fler meddelanden", "inga meddelanden", "inga fler fragor", "inga fler sms", "skicka inte mer", "skicka inga fler", "skriv inte mer"},
	Polite:  grammar.Words("tack"),
	Help:    grammar.Words("hjalp"),
}
