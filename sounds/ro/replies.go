package ro

import "github.com/holdless/holdless/sounds/grammar"

// replies are what people answer to a question, folded.
var replies = grammar.Replies{
	Numbers: grammar.Words("zero unu doi trei patru cinci sase sapte opt noua zece"),
	Also:    grammar.Words("una=1 doua=2 cincea=5"),
	Of:      grammar.Words("din"),
	Not:     grammar.Words("nu niciodata nici"),
	Stop:    grammar.Words("opreste opriti dezabonare dezaboneaza renunta"),
	Cease:   grammar.Words("opriti opreste incetati dezabonati"),
	About:   grammar.Words("mesaj mesaje mesajele sms intrebari sondaje"),
	Wishes:  []string{"fara mesaje", "nu mai trimiteti", "nu mai trimiteti mesaje", "fara intrebari", "nu mai vreau", "nu mai vreau mesaje", "nu vreau mesaje", "nu mai scrieti", "fara alte mesaje"},
	Polite:  grammar.Words("multumesc mersi va rog"),
	Help:    grammar.Words("ajutor"),
}
