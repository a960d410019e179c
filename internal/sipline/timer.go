package sipline

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// minSession is the shortest session that we agree to (RFC 4028, 4).
const minSession = 90 * time.Second

// watchEvery is how often a call is looked after.
const watchEvery = 5 * time.Second

// A session is what was agreed about signs of life (RFC 4028).
type session struct {
	length  time.Duration // 0: nothing was agreed
	refresh bool          // it is for us to give them
	theirs  bool          // the other side knows of timers
	last    time.Time     // the last sign of life
}

// accept agrees on a session for a request that the other side sent
// (RFC 4028, 9).
func accept(r *sip.Request, ours time.Duration) (session, *rejection) {
	s := session{theirs: supports(r, "timer"), last: time.Now(), length: ours, refresh: true}
	asked, who := sessionExpires(r)
	if asked == 0 {
		return s, nil
	}
	if asked < minSession && s.theirs { // who knows no timers is not refused (RFC 4028, 9)
		return s, &rejection{422, "Session Interval Too Small", "Min-SE: " + seconds(minSession)}
	}
	s.length = min(asked, max(ours, minSE(r)))
	s.refresh = who == "uas" || !s.theirs
	return s, nil
}

// agreed reads the session from the answer to a request of ours
// (RFC 4028, 7.2).
func agreed(res *sip.Response, ours time.Duration) session {
	s := session{length: ours, refresh: true, last: time.Now()}
	if length, who := sessionExpires(res); length > 0 {
		s.length, s.refresh, s.theirs = length, who != "uas", true
	}
	return s
}

// stamp says in an answer what was agreed.
func (s session) stamp(res *sip.Response) {
	if s.length == 0 || !s.theirs {
		return // RFC 4028, 9: whoever does not know timers is told nothing
	}
	who := "uac"
	if s.refresh {
		who = "uas"
	}
	res.AppendHeader(sip.NewHeader("Require", "timer"))
	res.AppendHeader(sip.NewHeader("Session-Expires", seconds(s.length)+";refresher="+who))
}

type message interface{ GetHeaders(string) []sip.Header }

func sessionExpires(m message) (time.Duration, string) {
	h := append(m.GetHeaders("Session-Expires"), m.GetHeaders("x")...) // RFC 4028, 4: x is its short name
	if len(h) == 0 {
		return 0, ""
	}
	value, params, _ := strings.Cut(h[0].Value(), ";")
	_, who, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(params, " ", "")), "refresher=")
	who, _, _ = strings.Cut(who, ";")
	return interval(value), who
}

func minSE(m message) time.Duration {
	if h := m.GetHeaders("Min-SE"); len(h) > 0 {
		value, _, _ := strings.Cut(h[0].Value(), ";")
		return interval(value)
	}
	return 0
}

// interval reads delta-seconds, at most a day.
func interval(s string) time.Duration {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return 0
	}
	return min(time.Duration(n)*time.Second, 24*time.Hour)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

func supports(m message, tag string) bool {
	for _, h := range append(m.GetHeaders("Supported"), m.GetHeaders("k")...) {
		for v := range strings.SplitSeq(h.Value(), ",") {
			if strings.EqualFold(strings.TrimSpace(v), tag) {
				return true
			}
		}
	}
	return false
}

// look ends a call whose other side has vanished: no sound, or no sign of life in
// its signalling.
func (l *leg) look() {
	if l.isGone() {
		return
	}
	if why := l.lost(); why != "" {
		l.line.log.Warn("call lost", "talk", l.talk, "err", why)
		l.lose(why)
		return
	}
	if l.refreshDue() {
		l.line.work.Go(l.refreshSession)
	}
	l.watch()
}

// watch has the call looked after in a while.
func (l *leg) watch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks = time.AfterFunc(watchEvery, l.look)
}

// unwatch has it looked after no more.
func (l *leg) unwatch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.looks != nil {
		l.looks.Stop()
	}
}

// lose hangs up on somebody who is lost, and says why (RFC 3326; Q.850: a timer
// has run out).
func (l *leg) lose(why string) {
	l.mu.Lock()
	l.why = `Q.850;cause=102;text="` + why + `"`
	l.mu.Unlock()
	_ = l.Hangup(context.Background())
}

// lost says why nobody can be there any more.
func (l *leg) lost() string {
	if s := l.stream.Silence(); s > l.line.conf.Silence && !l.stream.Held() {
		return fmt.Sprintf("no sound for %v", s.Round(time.Second))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.session
	// RFC 4028, 10: hang up a little before it ends.
	ends := s.length - min(32*time.Second, s.length/3)
	if s.length > 0 && !s.refresh && time.Since(s.last) > ends {
		return fmt.Sprintf("no sign of life for %v", time.Since(s.last).Round(time.Second))
	}
	return ""
}

// refreshDue reports whether it is for us to give a sign of life now
// (RFC 4028, 7.4: at half of the interval).
func (l *leg) refreshDue() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.session
	if s.length == 0 || !s.refresh || l.asking || time.Since(s.last) < s.length/2 {
		return false
	}
	l.session.last = time.Now().Add(-s.length / 3) // again in a sixth, should this one fail
	return true
}

// alive notes a sign of life.
func (l *leg) alive(s session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session = s
}
