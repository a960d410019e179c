package editor

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/holdless/holdless/internal/accounts"
)

// How long a key opens the door, and how long who came in may stay.
const (
	keyTime  = 5 * time.Minute
	stayTime = 12 * time.Hour
)

// cookie is what a browser shows that has come in.
const cookie = "holdless_menus"

// A door knows who may come in. Keys are given to people who can use the shell
// of the service's user, and open once.
type door struct {
	mu    sync.Mutex
	keys  map[string]guest
	stays map[string]guest
}

type guest struct {
	user  string
	until time.Time
}

// Key makes a key for somebody: who opens /menus/?key=... with it may change
// menus, under that name, for half a day.
func (e *Editor) Key(user string) string {
	e.door.mu.Lock()
	defer e.door.mu.Unlock()
	if e.door.keys == nil {
		e.door.keys, e.door.stays = map[string]guest{}, map[string]guest{}
	}
	key := rand.Text()
	e.door.keys[key] = guest{user, e.Now().Add(keyTime)}
	return key
}

// unlock takes a key for a stay.
func (d *door) unlock(key string, now time.Time) (stay string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	g, ok := d.keys[key]
	if !ok {
		return "", false
	}
	delete(d.keys, key)
	stay = rand.Text()
	d.stays[stay] = guest{g.user, now.Add(stayTime)}
	return stay, true
}

// guest tells who stays.
func (d *door) guest(stay string, now time.Time) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	g, ok := d.stays[stay]
	return g.user, ok
}

// sweep forgets what is over.
func (d *door) sweep(now time.Time) {
	for _, all := range []map[string]guest{d.keys, d.stays} {
		for key, g := range all {
			if !now.Before(g.until) {
				delete(all, key)
			}
		}
	}
}

type actorKey struct{}

// actor names who makes a request, as the journal does: with his account, or as
// who came in with a key.
func actor(r *http.Request) string {
	name, _ := r.Context().Value(actorKey{}).(string)
	return name
}

// enter lets in who has signed in as a supervisor or an admin, who has a key,
// and who has come in with one before.
func (e *Editor) enter(w http.ResponseWriter, r *http.Request, inside http.Handler) {
	if u, ok := accounts.From(r.Context()); ok && u.Role != accounts.Agent && r.URL.Query().Get("key") == "" {
		inside.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey{}, u.Actor())))
		return
	}
	if key := r.URL.Query().Get("key"); r.Method == http.MethodGet && key != "" {
		stay, ok := e.door.unlock(key, e.Now())
		if !ok {
			e.refuse(w)
			return
		}
		http.SetCookie(w, &http.Cookie{
			Name: cookie, Value: stay, Path: "/menus/", MaxAge: int(stayTime / time.Second), HttpOnly: true,
			Secure: accounts.Secure(r, e.Origin), SameSite: http.SameSiteStrictMode,
		})
		http.Redirect(w, r, "/menus/", http.StatusSeeOther)
		return
	}
	shown, err := r.Cookie(cookie)
	if err != nil {
		e.refuse(w)
		return
	}
	name, ok := e.door.guest(shown.Value, e.Now())
	if !ok {
		e.refuse(w)
		return
	}
	inside.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey{}, "browser:"+name)))
}

func (e *Editor) refuse(w http.ResponseWriter) { e.show(w, http.StatusForbidden, "door.html", nil) }
