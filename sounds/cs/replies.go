package cs

import "github.com/holdless/holdless/sounds/grammar"

// replies are what people answer to a question, folded.
var replies = grammar.Replies{
	Numbers: grammar.Words("nula jedna dva tri ctyri pet sest sedm osm devet deset"),
	Also:    grammar.Words("jeden=1 jednicka=1 dve=2 dvojka=2 trojka=3 ctyrka=4 petka=5 sestka=6 sedmicka=7 osmicka=8 devitka=9 desitka=10"),
	Of:      grammar.Words("z ze"),
	Not:     grammar.Words("ne nikdy neni nebylo nedavam nedame nedam ani"),
	Stop:    grammar.Words("konec zrusit odhlasit nepsat neposilat"),
	Cease:   grammar.Words("prestante nepiste neposilejte odhlaste"),
	About:   grammar.Words("zpravy zpravu sms psat posilat dotazniky pruzkum"),
	Wishes:  []string{"uz nepsat", "uz neposilat", "uz mi nepiste", "zadne zpravy", "zadne dalsi zpravy", "uz ne", "uz zadne zpravy", "nechci zpravy", "nechci dalsi zpravy", "uz nechci zpravy"},
	Polite:  grammar.Words("prosim dekuji dekuju diky"),
	Help:    grammar.Words("pomoc napoveda"),
}
