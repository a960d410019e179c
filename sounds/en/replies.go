package en

import "github.com/holdless/holdless/sounds/grammar"

// replies are what people answer to a question, folded.
var replies = grammar.Replies{
	Numbers: grammar.Words("zero one two three four five six seven eight nine ten"),
	Of:      grammar.Words("of out from"),
	Not:     grammar.Words("not no never isn't wasn't don't can't cannot won't hardly"),
	Stop:    grammar.Words("stop stopall unsubscribe cancel end quit revoke optout arret"),
	Cease:   grammar.Words("stop unsubscribe"),
	About:   grammar.Words("text texts texting sms message messages messaging sending contacting survey surveys"),
	Wishes:  []string{"opt out", "stop all", "no more", "no more texts", "no more messages", "no more surveys", "leave me alone", "remove me", "do not text", "do not text me", "don't text me", "never text me", "i don't want any more texts", "i do not want any more texts", "i don't want texts", "don't send me texts", "don't send me any more texts"},
	Polite:  grammar.Words("please thanks thank you thx"),
	Help:    grammar.Words("help info"),
}
