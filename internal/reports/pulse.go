package reports

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/holdless/holdless/callback"
)

// answers are what agents can say, from the worst.
var answers = []choice{
	{Value: "1", Title: "1 – bad"},
	{Value: "2", Title: "2"},
	{Value: "3", Title: "3 – so so"},
	{Value: "4", Title: "4"},
	{Value: "5", Title: "5 – good"},
}

// form is what the page of the question shows.
type form struct {
	Question string
	Answers  []choice
	Few      int
	Due      bool
	Mistake  string
}

// asked shows the question, when it is asked.
func (s *Server) asked(w http.ResponseWriter, r *http.Request) { s.form(w, r, "") }

func (s *Server) form(w http.ResponseWriter, r *http.Request, mistake string) {
	due, err := s.Desk.PulseDue(r.Context(), s.Agent(r.Context()))
	if err != nil {
		s.fail(w, err)
		return
	}
	s.show(w, "pulse.html", form{tame(s.Desk.Pulse.Question), answers, callback.FewMoods, due, mistake})
}

// answered takes the answer of an agent.
func (s *Server) answered(w http.ResponseWriter, r *http.Request) {
	score := 0
	if r.PostFormValue("later") == "" {
		n, err := strconv.Atoi(r.PostFormValue("score"))
		if err != nil || n < 1 || n > 5 {
			s.form(w, r, "Choose a number from 1 to 5.")
			return
		}
		score = n
	}
	err := s.Desk.TakePulse(r.Context(), s.Agent(r.Context()), score, tame(r.PostFormValue("words")))
	if err != nil && !errors.Is(err, callback.ErrNotAsked) { // who was not asked has answered already
		s.fail(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
