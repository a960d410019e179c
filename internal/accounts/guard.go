package accounts

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Rules say who may open what: the roles, by a pattern of [http.ServeMux]. No
// roles is everybody, signed in or not. What no pattern matches is open to
// nobody.
type Rules map[string][]Role

// Anyone is the roles of a rule for what is open to everybody.
func Anyone() []Role { return nil }

// Guard lets through who may, and tells [From] who it is. Whoever has not
// signed in is sent to do so.
func (g *Registry) Guard(rules Rules, next http.Handler) http.Handler {
	mux := http.NewServeMux()
	for pattern := range rules {
		mux.HandleFunc(pattern, http.NotFound)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.Guest != nil && !here(r.Host) {
			plain(w, http.StatusMisdirectedRequest, "This is for this machine only: open it by localhost or 127.0.0.1.\n")
			return
		}
		_, pattern := mux.Handler(r)
		roles, ruled := rules[pattern]
		open := ruled && len(roles) == 0
		u, known, err := g.who(r)
		if err != nil && !open {
			g.Log.Error("session not read", "err", err)
			plain(w, http.StatusServiceUnavailable, "Accounts cannot be read just now. Try again in a minute.\n")
			return
		}
		if known {
			r = r.WithContext(g.watched(r, u))
		}
		switch {
		case open:
			next.ServeHTTP(w, r)
		case !known:
			g.ask(w, r)
		case !ruled:
			plain(w, http.StatusNotFound, "There is no such page.\n")
		case !slices.Contains(roles, u.Role):
			g.show(w, http.StatusForbidden, "denied.html", u)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// watched is the context of a request of somebody, in which it can be asked
// whether he is still let in.
func (g *Registry) watched(r *http.Request, u User) context.Context {
	still := func() bool {
		now, ok, err := g.who(r)
		return ok && err == nil && now == u
	}
	return context.WithValue(With(r.Context(), u), stillKey{}, still)
}

// here reports whether a browser asked for this machine by a name that nobody
// else can give it. A page of a stranger whose name leads here would else do
// what the guest may.
func here(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// who returns who makes a request.
func (g *Registry) who(r *http.Request) (User, bool, error) {
	if token := g.tokenOf(r); token != "" {
		u, ok, err := g.user(r.Context(), token)
		if ok || err != nil {
			return u, ok, err
		}
	}
	if g.Guest != nil {
		return *g.Guest, true, nil
	}
	return User{}, false, nil
}

// ask sends a person to sign in, and tells a program that it must.
func (g *Registry) ask(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		plain(w, http.StatusUnauthorized, "Sign in first.\n")
		return
	}
	http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
}

// The cookie of a session. A browser takes the first name from a page that came
// over TLS only, and shows it to no other host.
const (
	safeCookie  = "__Host-holdless"
	plainCookie = "holdless"
)

// Secure reports whether a browser comes over TLS: to us, to a proxy that says
// so, or because its pages are at https://.
func Secure(r *http.Request, origin string) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" || strings.HasPrefix(origin, "https://")
}

func (g *Registry) secure(r *http.Request) bool { return Secure(r, g.Origin) }

func (g *Registry) tokenOf(r *http.Request) string {
	name := plainCookie
	if g.secure(r) {
		name = safeCookie
	}
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// keep gives the browser its session. Strict would ask who follows a link in a
// mail to sign in once more; other sites' forms are refused in any case.
func (g *Registry) keep(w http.ResponseWriter, r *http.Request, token string) {
	c := &http.Cookie{
		Name: plainCookie, Value: token, Path: "/", MaxAge: int(g.Config.Stay.Duration() / time.Second),
		HttpOnly: true, Secure: g.secure(r), SameSite: http.SameSiteLaxMode,
	}
	if c.Secure {
		c.Name = safeCookie
	}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// Address tells which address a request comes from. What a proxy on this
// machine says of it is believed; anybody else could say anything.
func Address(r *http.Request) string { return from(r).address }

// from tells where a request comes from. What a proxy on this machine says of
// it is believed; anybody else could say anything.
func from(r *http.Request) origin {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
		if last := net.ParseIP(strings.TrimSpace(hops[len(hops)-1])); last != nil {
			host = last.String()
		}
	}
	return origin{address: host, browser: browserOf(r.UserAgent())}
}

// browserOf names a browser and its system in two words, which is all that
// people need to tell their own sessions apart.
func browserOf(agent string) string {
	browser, system := "a browser", ""
	for _, known := range []string{"Firefox", "Edg", "Chrome", "Safari"} {
		if strings.Contains(agent, known+"/") {
			browser = strings.Replace(known, "Edg", "Edge", 1)
			break
		}
	}
	for _, known := range []string{"Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"} {
		if strings.Contains(agent, known) {
			system = " on " + known
			break
		}
	}
	return browser + system
}

func plain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text)) // the client may have gone
}
