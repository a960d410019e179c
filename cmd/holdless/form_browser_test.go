package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/pagetest"
	"github.com/holdless/holdless/ivr"
	"github.com/holdless/holdless/sounds"
)

// shop is the web site of somebody else, who shows the form as a part of his. It is
// no https, as the form here is none: coming from https to http, a browser does not
// say which site it comes from.
func shop(t *testing.T) *httptest.Server {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1><iframe title="Shall we call you?" width="400" height="700" src=%q></iframe>`, r.FormValue("form"))
	}))
	t.Cleanup(site.Close)
	return site
}

// framed waits until something is true in the frame of the page.
func framed(what string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		late, stop := context.WithTimeout(ctx, 2*time.Minute)
		defer stop()
		for {
			there, err := inFrame(ctx, "!!("+what+")")
			if err == nil && there {
				return nil
			}
			if !rest(late, 50*time.Millisecond) {
				return fmt.Errorf("never in the frame: %s: %w", what, errors.Join(err, late.Err()))
			}
		}
	})
}

// inFrame asks the first frame of a page, into which its site cannot look.
func inFrame(ctx context.Context, what string) (is bool, err error) {
	tree, err := page.GetFrameTree().Do(ctx)
	if err != nil || len(tree.ChildFrames) == 0 {
		return false, err
	}
	world, err := page.CreateIsolatedWorld(tree.ChildFrames[0].Frame.ID).Do(ctx)
	if err != nil {
		return false, err
	}
	return is, chromedp.Evaluate(what, &is, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithContextID(world) }).Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Target))
}

// TestFormInBrowser is somebody on the web site of a shop, which shows the form
// of the service as a part of its own: in six languages, to nobody but that
// shop. He asks for a call, proves his number with the code of the text, and has
// a promise. The site itself can read nothing of it.
func TestFormInBrowser(t *testing.T) {
	t.Parallel()
	his, others := shop(t), shop(t)
	languages := []string{"en", "fi", "cs", "el", "cy", "ro"}
	st, err := newStage(t.Context(), t.Output(), demoOptions{
		speed: 1, sip: "127.0.0.1:0", http: "127.0.0.1:0", guest: true, cue: patience, log: quiet(), edit: func(c *config) {
			c.Languages, c.HTTP.Form.Embed, c.HTTP.Form.PerHour = languages, []string{his.URL}, 1
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	k := &keypad{T: t, stage: st, tab: pagetest.Browser(t), base: "http://" + st.service.http.Addr().String()}
	form := k.base + "/call/" + demoQueue
	k.lives(func(serving context.Context) error {
		for _, lang := range languages {
			title := sounds.Text(lang, ivr.Prompt{Name: "text_form_title"})
			k.do(lang, chromedp.Navigate(his.URL+"/?form="+form+"?lang="+lang), framed("document.querySelector(`h1`).textContent === `"+title+"` && document.documentElement.lang === `"+lang+"`"))
		}
		var read string
		k.do("the site reads nothing", chromedp.Evaluate(`fetch("`+form+`").then(() => "read", () => "refused")`, &read, awaited))
		if read != "refused" {
			t.Error("another site reads the form by a script")
		}
		k.do("ask", chromedp.Navigate(his.URL+"/?form="+form+"?lang=en"), framed("document.querySelector(`[name=at]`)"),
			framed(`(f => { f.phone.value = "040 123 4567"; f.querySelector("[name=at]").checked = true; f.requestSubmit(); return true })(document.forms[0])`), framed("document.querySelector(`[name=code]`)"))
		code := st.code(serving, t)
		k.do("a wrong code", framed(wrote("code", "000000")), framed("document.querySelector(`[role=alert]`)"))
		k.do("prove it", framed(wrote("code", code)), framed("document.querySelector(`h1`).textContent.startsWith(`"+gladToCall+"`)"))
		if _, err := st.promised(serving); err != nil {
			t.Error(err)
		}
		k.do("another language", chromedp.Navigate(his.URL+"/?form="+form+"?lang=fi"), framed("document.querySelector(`[name=at]`)"),
			framed("(b => !b || void b.click())(document.querySelector(`[name=into][value=en]`))"), framed("document.documentElement.lang === `en`"))
		k.do("no more codes in this hour", framed("document.querySelector(`[name=at]`)"),
			framed(`(f => { f.phone.value = "040 765 4321"; f.querySelector("[name=at]").checked = true; f.requestSubmit(); return true })(document.forms[0])`), framed("document.querySelector(`[role=alert]`).textContent.includes(`too often`)"))
		k.do("the page by itself has codes of its own", chromedp.Navigate(form+"?lang=en"), chromedp.WaitVisible("[name=at]"),
			chromedp.Evaluate(`(f => { f.phone.value = "040 765 4321"; f.querySelector("[name=at]").checked = true; f.requestSubmit() })(document.forms[0])`, nil), chromedp.WaitVisible("[name=code]"))
		k.do("another site shows nothing", chromedp.Navigate(others.URL+"/?form="+form), framed("location.protocol === `chrome-error:`"))
		list, err := st.service.desk.List(serving, callback.Filter{States: openStates})
		if err != nil || len(list) != 1 {
			t.Errorf("%d are promised, %v", len(list), err)
		}
		return nil
	})
}

// wrote fills in a field of the frame, and sends the form.
func wrote(name, words string) string {
	return `(f => { if (!f?.` + name + ` || f.` + name + `.value === "` + words + `") return false; f.` + name + `.value = "` + words + `"; f.requestSubmit(); return true })(document.forms[0])`
}

// code is the one that was texted last.
func (st *stage) code(ctx context.Context, t *testing.T) string {
	t.Helper()
	for {
		select {
		case text := <-st.texts:
			if found := regexp.MustCompile(`\b\d{6}\b`).FindString(text.Body); found != "" {
				return found
			}
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		}
	}
}
