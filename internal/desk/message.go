package desk

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"time"

	"github.com/holdless/holdless/callback"
)

// A message is what a caller has left, as the page tells it.
type message struct{ When, Length, Name string }

func messages(st callback.Story, zone *time.Location) []message {
	var all []message
	for _, v := range st.Voicemails() {
		all = append(all, message{when(v.At, zone), v.Length.String(), v.Name})
	}
	return all
}

// message plays what a caller has said, to whoever may see the callback that it
// belongs to.
func (s *Server) message(w http.ResponseWriter, r *http.Request) {
	id, name := r.PathValue("id"), r.PathValue("name")
	if !s.may(w, r, id) {
		return
	}
	st, err := s.Desk.Story(r.Context(), id)
	if err != nil {
		s.fail(w, err)
		return
	}
	i := slices.IndexFunc(st.Voicemails(), func(v callback.Voicemail) bool { return v.Name == name })
	if i < 0 || s.Play == nil {
		http.NotFound(w, r)
		return
	}
	wav, err := s.Play(name)
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "This message is no longer kept.", http.StatusGone)
		return
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Cache-Control", "no-store")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(wav))
}
