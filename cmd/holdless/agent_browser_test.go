package main

import (
	"context"
	"encoding/base64"
	"encoding/csv"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/internal/phone"
)

// letterPart finds a part of a letter by its kind.
func letterPart(t *testing.T, kind string, header interface{ Get(string) string }, body io.Reader) string {
	t.Helper()
	is, with, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(is, "multipart/") {
		for parts := multipart.NewReader(body, with["boundary"]); ; {
			part, err := parts.NextPart()
			if err != nil {
				return ""
			}
			if found := letterPart(t, kind, part.Header, part); found != "" {
				return found
			}
		}
	}
	if strings.EqualFold(header.Get("Content-Transfer-Encoding"), "base64") {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	words, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if is != kind {
		return ""
	}
	return string(words)
}

// sentFile waits until the browser has put a file into a directory.
func sentFile(ctx context.Context, dir string) (string, error) {
	for {
		all, err := filepath.Glob(filepath.Join(dir, "*.csv"))
		if err != nil {
			return "", err
		}
		if len(all) == 1 {
			if src, err := os.ReadFile(all[0]); err == nil && len(src) > 0 {
				return string(src), nil
			}
		}
		if !rest(ctx, 50*time.Millisecond) {
			return "", ctx.Err()
		}
	}
}

// onShift opens the demo for an agent who gets the list of her day by mail.
func onShift(t *testing.T) (*stage, postbox) {
	t.Helper()
	box := make(postbox, 9)
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", carrier: "127.0.0.1:0", cue: patience, log: quiet(), edit: func(c *config) {
			aino := c.Agents[demoAgent]
			aino.Email = "aino@example.com"
			c.Agents[demoAgent] = aino
			c.Mail.Host, c.Mail.TLS, c.Mail.From, c.Lists = box.serve(t), "none", "desk@example.com", "45 8 * * *"
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	st.service.accounts.Guest = nil // people sign in
	st.service.config.HTTP.PublicURL = "http://" + st.service.http.Addr().String()
	if err := st.seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = st.service.store.Update(t.Context(), func(tx callback.Tx) error { // so that this morning's is still to come
		_, err := tx.StartRun("lists", "yesterday", "a boot", st.clock.now().AddDate(0, 0, -1))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return st, box
}

// TestShiftInBrowser is the morning of an agent: the list comes by mail, its
// link opens the desk; from there she prints the list, takes it along as a
// file, and has her calendar follow it by a link, until she takes that back.
func TestShiftInBrowser(t *testing.T) {
	t.Parallel()
	ctx := pagetest.Browser(t)
	st, box := onShift(t)
	site := st.service.config.HTTP.PublicURL
	all, late := context.WithTimeout(t.Context(), 6*time.Minute)
	defer late()
	err := st.during(all, func(serving context.Context) error {
		st.comesIn(serving, ctx, t, accounts.User{Name: "aino", Role: accounts.Agent, Agent: demoAgent})
		var letter string
		select {
		case letter = <-box:
		case <-serving.Done():
			return context.Cause(serving)
		}
		m, err := mail.ReadMessage(strings.NewReader(letter))
		if err != nil {
			return err
		}
		html := letterPart(t, "text/html", m.Header, m.Body)
		pagetest.Drive(ctx, t, "read the letter", chromedp.Navigate("data:text/html;charset=utf-8;base64,"+base64.StdEncoding.EncodeToString([]byte(html))),
			pagetest.Shows("h1", "Callbacks of Aino"), pagetest.Shows("table", "Petr (example)"))
		pagetest.Drive(ctx, t, "open its link", pagetest.Tap(`a[href="`+site+`/"]`), pagetest.Shows("h1", "Desk"), pagetest.Shows("#rows", "Petr (example)"))
		st.takesAlong(serving, ctx, t)
		st.follows(ctx, t, site)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// takesAlong prints the list of the desk, and has the browser keep it as a file.
func (st *stage) takesAlong(serving, ctx context.Context, t *testing.T) {
	t.Helper()
	var paper []byte
	pagetest.Drive(ctx, t, "print", pagetest.Tap(`a[href="/desk/list"]`), pagetest.Shows("h2", "Callbacks of Aino"), pagetest.Shows("tbody", "Petr (example)"),
		emulation.SetEmulatedMedia().WithMedia("print"), chromedp.EmulateViewport(717, 1000), // A4, upright
		pagetest.Holds("(row => row[0].offsetTop === row[1].offsetTop)(document.querySelector(`tbody tr`).cells)"), emulation.SetEmulatedMedia(), chromedp.EmulateReset(),
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			paper, _, err = page.PrintToPDF().Do(ctx)
			return err
		}))
	if !strings.HasPrefix(string(paper), "%PDF-") {
		t.Errorf("on paper it is %.40q", paper)
	}
	dir, file := t.TempDir(), ""
	pagetest.Drive(ctx, t, "take it along", browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir),
		chromedp.Navigate(st.service.config.HTTP.PublicURL), pagetest.Tap(`a[href="/desk/list.csv"]`),
		doing(func() (err error) { file, err = sentFile(serving, dir); return err }))
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil || len(rows) != len(crowd)+1 || rows[1][2] != crowd[0].name || rows[1][3] != "'"+string(crowd[0].number) {
		t.Errorf("the file has %q, %v", rows, err)
	}
}

// follows makes the link that a calendar follows, and takes it back.
func (st *stage) follows(ctx context.Context, t *testing.T, site string) {
	t.Helper()
	var link string
	pagetest.Drive(ctx, t, "make a link", chromedp.Navigate(site), pagetest.Tap(`.links a[href="/calendar"]`), pagetest.Shows("h1", "Calendar"),
		chromedp.SendKeys("#label", "my telephone"), pagetest.Tap("#add"), pagetest.Shows("#link", site+"/f/"), chromedp.Text("#link", &link), pagetest.Shows("h3", "my telephone"))
	reads := func(want int) string {
		t.Helper()
		res, err := http.Get(link)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		words, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != want {
			t.Errorf("the calendar reads %d %s, %v", res.StatusCode, words, err)
		}
		return string(words)
	}
	if cal := reads(http.StatusOK); !strings.HasPrefix(cal, "BEGIN:VCALENDAR") || strings.Count(cal, "BEGIN:VEVENT") != len(crowd) || !strings.Contains(cal, "Petr") {
		t.Errorf("the calendar has %s", cal)
	}
	pagetest.Drive(ctx, t, "take it back", pagetest.Tap(`button[value="end"]`), pagetest.Shows("main", "None."))
	reads(http.StatusGone)
}

// TestOwnedInBrowser is a promise of an agent who cannot keep it: while she
// speaks with somebody else it waits for her, and before it breaks it falls to
// the team, on whose desk the story opens as the telephone rings.
func TestOwnedInBrowser(t *testing.T) {
	t.Parallel()
	bo := newColleague(t)
	st, hers, his := bo.beside(t)
	all, late := context.WithTimeout(t.Context(), 6*time.Minute)
	defer late()
	err := st.during(all, func(serving context.Context) error {
		st.comesIn(serving, hers, t, accounts.User{Name: "aino", Role: accounts.Agent, Agent: demoAgent})
		st.comesIn(serving, his, t, accounts.User{Name: "bo", Role: accounts.Agent, Agent: demoColleague})
		owned, err := st.service.desk.Book(serving, callback.Request{
			Queue: demoQueue, Phone: crowd[1].number, Name: crowd[1].name, Topic: "billing", Lang: "en", At: st.clock.now().Add(30 * time.Minute).Truncate(15 * time.Minute),
		})
		if err != nil {
			return err
		}
		row := "#r-" + owned.ID
		pagetest.Drive(hers, t, "she takes it", pagetest.Shows(row, "Petr"), pagetest.Focus(row+" a"), pagetest.Keys("t"), pagetest.Shows("#said", "It is yours."))
		pagetest.Drive(his, t, "he sees whose it is", pagetest.Shows(row, "Aino"))
		st.speakFromDesk(serving, hers, t)
		st.waitsForHer(serving, t, owned)
		st.clock.jump(owned.At.Add(st.service.desk.Policy.Window.Duration()/2 + 30*time.Second))
		in, err := bo.rung(serving)
		if err != nil {
			return err
		}
		pagetest.Drive(his, t, "it is on his desk", pagetest.Shows("#said", "about to ring"), pagetest.Shows("#storyname", "Petr"), pagetest.Shows(row, "Bo"))
		pagetest.Drive(hers, t, "and not hers any more", pagetest.Shows(row, "Bo"))
		st.fellInTime(serving, t, owned.ID)
		return st.keptByOther(serving, his, t, in, owned.ID)
	})
	if err != nil {
		t.Error(err)
	}
}

// waitsForHer has a promise fall due while she whom it belongs to speaks: nobody
// else is rung yet.
func (st *stage) waitsForHer(serving context.Context, t *testing.T, owned callback.Callback) {
	t.Helper()
	st.clock.jump(owned.At.Add(time.Minute))
	rings, err := st.service.desk.Claim(serving, 9) // as the scheduler does, who may be slower
	if c, _, shown := st.service.desk.Show(serving, owned.ID); err != nil || shown != nil || len(rings) > 0 || c.State != callback.BookedState {
		t.Errorf("at her time others are rung: %+v, it is %s, %v, %v", rings, c.State, err, shown)
	}
}

// fellInTime holds that a telephone of the team rang before the promise was
// broken.
func (st *stage) fellInTime(serving context.Context, t *testing.T, id string) {
	t.Helper()
	s, err := st.service.desk.Story(serving, id)
	if err != nil || len(s.Calls) != 1 || s.Calls[0].Agent != demoColleague || !st.clock.now().Before(s.Until) {
		t.Errorf("by %s, before %s, these were called: %+v, %v", st.clock.now(), s.Until, s.Calls, err)
	}
}

// keptByOther has a colleague take the call, and speak with the customer.
func (st *stage) keptByOther(serving, his context.Context, t *testing.T, in *phone.Incoming, id string) error {
	t.Helper()
	call, err := in.Accept(serving)
	if err != nil {
		return err
	}
	if err := st.pressWhenAsked(serving, agentPart, call, "1"); err != nil {
		return err
	}
	customer, err := st.pickUp(serving, customerPart, "the customer’s telephone rings")
	if err != nil {
		return err
	}
	pagetest.Drive(his, t, "the promise is kept", doing(func() error { return st.pressWhenAsked(serving, customerPart, customer, "1") }),
		doing(func() error { return st.speak(serving, call, customer) }), pagetest.Shows("#r-"+id, "speaking"))
	return nil
}
