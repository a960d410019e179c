package main

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestFormInTheBrowser changes what changes most in Chromium, with keys alone:
// it is in the files, comments and all, and holds at once.
func TestFormInTheBrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	config, menu := ownMenu(t, "# Ask Anna first.\n"+strings.Replace(patient("Welcome."), "say: {en: ", "say:   {en: ", 1), "sounds: {cache: false}  # quiet\n")
	src, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	before := strings.Replace(string(src), `queues: {billing: {agents: [anna], hours: {mon-sun: "00:00-24:00"}}}`,
		"queues:\n  billing:\n    agents: [anna]\n    hours:\n      mon-sun: \"00:00-24:00\"   # the board said so\n    capacity: 2 # seats", 1)
	putFile(t, config, before)
	r := startWith(t, config)
	defer func() {
		r.stop()
		r.end(t)
	}()
	link, err := r.openMenus(ctx, openAsk{"anna"})
	if err != nil {
		t.Fatal(err)
	}
	page := strings.Split(link.URL, "?")[0] + "form?menu=main.yaml"
	fill := func(id, text string) chromedp.Tasks {
		return chromedp.Tasks{
			tabTo(id), chromedp.Evaluate(`document.activeElement.select()`, nil), chromedp.KeyEvent(kb.Delete), chromedp.KeyEvent(text),
		}
	}
	drive(ctx, t, "open", chromedp.Navigate(link.URL), shows("table", "what changes most"), chromedp.Navigate(page), shows("h1", "what changes most"))

	drive(ctx, t, "greet", fill("greeting-en", "Good morning: # it is us."), tabTo("save-greeting"), chromedp.KeyEvent(kb.Enter), shows("#notice", "Saved."))
	now, err := os.ReadFile(menu)
	want := "# Ask Anna first.\n" + strings.Replace(patient("Good morning: # it is us."), "say: {en: ", "say:   {en: ", 1)
	if err != nil || string(now) != want {
		t.Errorf("the menu is %s, %v, want %s", now, err, want)
	}
	if got := r.desk.Live().Menus["main.yaml"].Source(); got != want {
		t.Errorf("callers hear %s", got)
	}

	q := r.desk.Queues["billing"]
	monday := time.Date(2030, 1, 7, 10, 0, 0, 0, q.Zone)
	if !q.Open(monday) || !q.Open(monday.Add(12*time.Hour)) {
		t.Fatal("not open before")
	}
	drive(ctx, t, "change wrongly", fill("hours-billing", "mon-sun: nine"), tabTo("save-billing"), chromedp.KeyEvent(kb.Enter),
		shows("#notice", "Not saved"), shows("#notice", "nine"), shows("#hours-billing", "nine"))
	drive(ctx, t, "change", fill("hours-billing", "mon-sun: 09:00-17:00"), fill("exceptions-billing", "2030-01-08: closed"),
		fill("capacity-billing", "3"), fill("notice-billing-en", "Fire in Oulu."), tabTo("save-billing"), chromedp.KeyEvent(kb.Enter), shows("#notice", "Saved."))
	after, err := os.ReadFile(config)
	text := strings.Replace(before, `"00:00-24:00"   # the board`, `"09:00-17:00"   # the board`, 1)
	text = strings.Replace(text, "capacity: 2 # seats", "capacity: 3 # seats\n    exceptions: {\"2030-01-08\": \"closed\"}\n    notice: {en: \"Fire in Oulu.\"}", 1)
	if err != nil || string(after) != text {
		t.Errorf("the configuration is\n%s\nwant\n%s", after, text)
	}
	if !q.Open(monday) || q.Open(monday.Add(12*time.Hour)) || q.Open(monday.AddDate(0, 0, 1)) {
		t.Error("the new hours do not hold")
	}
	changes, err := r.menus.Changes(ctx, 4)
	if err != nil || len(changes) != 4 || changes[0].By != "browser:anna" || changes[0].What != "notice" || changes[3].What != "live" {
		t.Errorf("the journal has %+v, %v", changes, err)
	}
	if got := r.menus.Faults(); len(got) > 0 {
		t.Errorf("faults are %q", got)
	}
	drive(ctx, t, "look again", chromedp.Navigate(page), shows("#exceptions-billing", "2030-01-08: closed"), shows("#notice-billing-en", "Fire in Oulu."))
}

// What of a configuration waits for the next start is told apart from what
// holds at once.
func TestLasting(t *testing.T) {
	t.Parallel()
	file := written(t, "")
	read := func() config {
		c, err := readConfig(file)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	began := read()
	if lasting(read()) != lasting(began) {
		t.Error("the same file is not the same")
	}
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	putFile(t, file, strings.Replace(string(src), "00:00-24:00\"}}}", "08:00-24:00\"}, capacity: 9}}", 1))
	if c := read(); c.Queues["billing"].Capacity != 9 || lasting(c) != lasting(began) {
		t.Error("hours and capacity wait for the next start")
	}
	putFile(t, file, strings.Replace(string(src), "Europe/Helsinki", "Europe/Prague", 1))
	if lasting(read()) == lasting(began) {
		t.Error("the zone does not wait for the next start")
	}
}
