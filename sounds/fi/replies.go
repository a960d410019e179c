package fi

import "github.com/holdless/holdless/sounds/grammar"

// replies are what people answer to a question, folded.
var replies = grammar.Replies{
	Numbers: grammar.Words("nolla yksi kaksi kolme nelja viisi kuusi seitseman kahdeksan yhdeksan kymmenen"),
	Also:    grammar.Words("ykkonen=1 kakkonen=2 kolmonen=3 nelonen=4 viitonen=5 vitonen=5 kymppi=10"),
	Of:      grammar.Words("kautta"),
	Not:     grammar.Words("ei en emme eika enka eivat"),
	Stop:    grammar.Words("lopeta lopettakaa peru peruuta seis"),
	Cease:   grammar.Words("lopeta lopettakaa"),
	About:   grammar.Words("viesti viestit viestien viesteja viestin kysely kyselyt kyselyita kyselyja tekstari tekstarit"),
	Wishes:  []string{"ei viesteja", "ei enaa viesteja", "ei kiitos viesteja", "ei enaa", "ei enaa kyselyita", "ei enaa kyselyja", "alkaa lahettako viesteja", "ala laheta viesteja", "ei enempaa", "ei enempaa viesteja", "en halua viesteja", "en halua enaa viesteja", "alkaa lahettako", "alkaa enaa lahettako viesteja"},
	Polite:  grammar.Words("kiitos kiitti kiitoksia"),
	Help:    grammar.Words("apua ohje ohjeet"),
}
