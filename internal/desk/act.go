package desk

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/callback/number"
)

// said is what the page tells after a deed.
type said struct {
	Text string `json:"text"`
	Bad  bool   `json:"bad"`
	Undo bool   `json:"undo"`
	Ask  string `json:"ask,omitempty"` // the deed that needs a second word
}

// sayings are told after deeds, and when they were not done.
var sayings = map[string]said{
	"claim":   {Text: "It is yours.", Undo: true},
	"release": {Text: "It is the team’s again.", Undo: true},
	"call":    {Text: "Your telephone rings in a moment.", Undo: true},
	"snooze":  {Text: "It rings ten minutes later. The promise stands where it was.", Undo: true},
	"move":    {Text: "Another time is promised. The customer is told in ten seconds.", Undo: true},
	"cancel":  {Text: "Cancelled. The customer is told in ten seconds.", Undo: true},
	"hand":    {Text: "Handed over.", Undo: true},
	"note":    {Text: "Noted.", Undo: true},
	"outcome": {Text: "Written up.", Undo: true},
	"undo":    {Text: "Undone."},
	"new":     {Text: "Promised. The customer is told by text."},
	"state":   {Text: "Your state has changed."},

	"set_available": {Text: "Available: the agent may be rung."},
	"set_break":     {Text: "On a break: nobody rings the agent."},
	"set_offline":   {Text: "Signed off: nobody rings the agent. His desk tells him so."},
	"after_call":    {Text: "The agent has a call: it begins when that is over."},
	"rung":          {Text: "Not done: the agent’s telephone rings just now. Try again when it has stopped.", Bad: true},

	"put_through": {Text: "Your customer is put through. If nobody takes the call, he comes back to you."},
	"consult":     {Text: "Your customer hears music. Speak with whom is rung, and then hang up, put both together, or take the customer back."},
	"join":        {Text: "They are together."},
	"take_back":   {Text: "You have your customer back."},
	"nobody":      {Text: "Not done: you speak with nobody for whom that can be done.", Bad: true},
	"telephone":   {Text: "Not done: this call is not carried here. Use the transfer key of your telephone.", Bad: true},
	"unreached":   {Text: "Not done: the computer that carries your call does not answer. Try again, or use the transfer key of your telephone.", Bad: true},
	"unclear":     {Text: "Nobody knows whether it was done: the computer that carries your call does not answer. Listen who is there before you try again.", Bad: true},
	"unlisted":    {Text: "Not done: that number is not on the list of your supervisor.", Bad: true},
	"nobody_free": {Text: "Not done: nobody there is free.", Bad: true},
	"place":       {Text: "Not done: nobody can be put through there.", Bad: true},

	"changed": {Text: "Not done: it has changed since you looked. Look again.", Bad: true},
	"owned":   {Text: "Not done: it belongs to somebody else.", Bad: true},
	"team":    {Text: "Not done: that agent does not work for this queue.", Bad: true},
	"away":    {Text: "Not done: make yourself available first.", Bad: true},
	"hours":   {Text: "Not done: the customer may not be called at this hour.", Bad: true},
	"breaks":  {Text: "That breaks the promise. Snooze once more to do it and tell the customer by text.", Bad: true, Ask: "snooze"},
	"words":   {Text: "Not done: words are missing.", Bad: true},
	"late":    {Text: "Not undone: ten seconds are over, or something else has happened since.", Bad: true},
	"taken":   {Text: "Not done: that time is taken.", Bad: true},
	"busy":    {Text: "Not done: you have a call.", Bad: true},
	"refused": {Text: "Not done: that number may not be promised another call today.", Bad: true},
	"time":    {Text: "Not promised: choose a time.", Bad: true},
	"open":    {Text: "Not promised: that number has a promise of this queue already.", Bad: true},
	"gone":    {Text: "Not promised: it is too late for that time.", Bad: true},
	"closed":  {Text: "Not promised: at that time nobody calls for this queue.", Bad: true},
	"failed":  {Text: "Not done: the service cannot write just now. Try again.", Bad: true},
}

// troubles names the saying of each error.
var troubles = []struct {
	err  error
	key  string
	code int
}{
	{callback.ErrChanged, "changed", http.StatusConflict},
	{callback.ErrOwned, "owned", http.StatusConflict},
	{callback.ErrTeam, "team", http.StatusUnprocessableEntity},
	{callback.ErrAway, "away", http.StatusConflict},
	{callback.ErrHours, "hours", http.StatusConflict},
	{callback.ErrBreaks, "breaks", http.StatusConflict},
	{callback.ErrWords, "words", http.StatusUnprocessableEntity},
	{callback.ErrTooLate, "late", http.StatusConflict},
	{callback.ErrTaken, "taken", http.StatusConflict},
	{errRung, "rung", http.StatusConflict},
	{callback.ErrMoved, "busy", http.StatusConflict},
	{callback.ErrNoCall, "nobody", http.StatusConflict},
	{callback.ErrOtherLine, "telephone", http.StatusConflict},
	{callback.ErrUnreached, "unreached", http.StatusServiceUnavailable},
	{callback.ErrUnclear, "unclear", http.StatusConflict},
	{callback.ErrUnlisted, "unlisted", http.StatusUnprocessableEntity},
	{callback.ErrNobodyFree, "nobody_free", http.StatusConflict},
	{callback.ErrForbidden, "place", http.StatusUnprocessableEntity}, // after those that say why
}

// act does something with a callback.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	id, who := r.PathValue("id"), person(r)
	if !s.may(w, r, id) {
		return
	}
	version, err := strconv.ParseInt(r.FormValue("v"), 10, 64)
	if err != nil {
		http.Error(w, "A deed needs the field v.", http.StatusBadRequest)
		return
	}
	a := callback.Act{
		Do: callback.Deed(r.PathValue("deed")), Callback: id, Version: version, Actor: who.actor(), Agent: who.Agent, Any: who.All,
		To: r.PostFormValue("to"), Words: r.PostFormValue("words"), Tell: r.PostFormValue("tell") != "",
	}
	if at, err := strconv.ParseInt(r.PostFormValue("at"), 10, 64); err == nil && at > 0 {
		a.At = time.Unix(at, 0)
	}
	if done[a.Do] == "" {
		http.Error(w, "Nobody can do that with a callback.", http.StatusNotFound)
		return
	}
	c, err := s.Desk.Act(r.Context(), a)
	c.ID = id
	s.answer(w, r, c, string(a.Do), err)
}

// undo takes back what the person did last with a callback.
func (s *Server) undo(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !s.may(w, r, id) {
		return
	}
	c, err := s.Desk.Undo(r.Context(), id, person(r).actor())
	if err != nil {
		c.ID = id
	}
	s.answer(w, r, c, "undo", err)
}

// may lets through who may see the callback. Of the others' ones nobody learns
// that they exist.
func (s *Server) may(w http.ResponseWriter, r *http.Request, id string) bool {
	c, _, err := s.Desk.Show(r.Context(), id)
	if err != nil && !errors.Is(err, callback.ErrNotFound) {
		s.fail(w, err)
		return false
	}
	if err != nil || !s.sees(person(r), c) {
		http.Error(w, "There is no such callback.", http.StatusNotFound)
		return false
	}
	return true
}

// answer tells what came of a deed: to a script in JSON, else on the next page.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, c callback.Callback, done string, err error) {
	key, code := done, http.StatusOK
	if err != nil {
		key, code = s.trouble(err)
	}
	if isScript(r) {
		tellScript(w, code, sayings[key], c)
		return
	}
	to := "/?said=" + key
	if c.ID != "" {
		to = "/desk/" + url.PathEscape(c.ID) + "?said=" + key
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// isScript reports whether the script of the page asks, and not its form.
func isScript(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

// tellScript tells a script what came of a deed, and of which callback.
func tellScript(w http.ResponseWriter, code int, told said, c callback.Callback) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(struct { // the client may have gone
		said
		ID      string `json:"id"`
		Version int64  `json:"v"`
	}{told, c.ID, c.Version})
}

// trouble finds the words for what went wrong.
func (s *Server) trouble(err error) (key string, code int) {
	for _, t := range troubles {
		if errors.Is(err, t.err) {
			return t.key, t.code
		}
	}
	if _, ok := errors.AsType[*number.RefusalError](err); ok {
		return "refused", http.StatusUnprocessableEntity
	}
	s.Log.Error("deed not done", "err", err)
	return "failed", http.StatusServiceUnavailable
}
