package cy

import "github.com/holdless/holdless/sounds/grammar"

// replies are what people answer to a question, folded.
var replies = grammar.Replies{
	Numbers: grammar.Words("dim un dau tri pedwar pump chwech saith wyth naw deg"),
	Also:    grammar.Words("dwy=2 tair=3 pedair=4 pum=5 chwe=6"),
	Of:      grammar.Words("allan o"),
	Not:     grammar.Words("nid ddim nac dydy byth"),
	Stop:    grammar.Words("stopio diwedd canslo"),
	Cease:   grammar.Words("stopiwch peidiwch stopia"),
	About:   grammar.Words("neges negeseuon negesau tecstio arolwg arolygon"),
	Wishes:  []string{"dim mwy", "dim mwy o negeseuon", "dim mwy o gwestiynau", "dim rhagor", "dim rhagor o negeseuon"},
	Polite:  grammar.Words("diolch os gwelwch yn dda"),
	Help:    grammar.Words("cymorth"),
}
