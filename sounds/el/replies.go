package el

import "github.com/holdless/holdless/sounds/grammar"

// replies are what people answer to a question, folded.
var replies = grammar.Replies{
	Numbers: grammar.Words("μηδεν ενα δυο τρια τεσσερα πεντε εξι επτα οκτω εννεα δεκα"),
	Also:    grammar.Words("εφτα=7 οχτω=8 εννια=9 ενας=1 μια=1 τρεισ=3 τεσσερισ=4"),
	Of:      grammar.Words("στα απο"),
	Not:     grammar.Words("δεν οχι μη μην ποτε ουτε"),
	Stop:    grammar.Words("στοπ διακοπη τελοσ διαγραφη"),
	Cease:   grammar.Words("σταματηστε σταματα διακοψτε στοπ"),
	About:   grammar.Words("μηνυμα μηνυματα sms ερωτησεισ"),
	Wishes:  []string{"οχι αλλα μηνυματα", "οχι αλλεσ ερωτησεισ", "μη στελνετε", "μη μου στελνετε", "οχι αλλα", "οχι πια", "δεν θελω μηνυματα", "δεν θελω αλλα μηνυματα", "μη μου στελνετε μηνυματα"},
	Polite:  grammar.Words("ευχαριστω παρακαλω"),
	Help:    grammar.Words("βοηθεια"),
}
