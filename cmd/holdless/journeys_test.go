package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// journeys are what people do with holdless, step by step, and the tests in which
// Chromium does it as they would, against the service as it runs.
var journeys = map[string][]string{
	// The same person calls again, texts, or opens the link.
	"he calls again: keep, move, cancel":                      {"main.TestCustomerInBrowser", "main.TestPromiseInBrowser"},
	"he keeps it: on the page, by text, by keypad":            {"main.TestLateInBrowser", "main.TestCustomerInBrowser"},
	"he calls again, wants a person, and the promise dies":    {"main.TestCustomerInBrowser"},
	"he answers texts: another time, none, again after all":   {"main.TestCustomerInBrowser"},
	"he opens the link: another time, now, not at all":        {"main.TestPromiseInBrowser"},
	"the page of his promise changes by itself":               {"main.TestCustomerInBrowser", "web.TestPromisePageIsLive"},
	"its place in line, and how long he waits at most":        {"main.TestInLineInBrowser"},
	"he asks for a call on a web site, and proves his number": {"main.TestFormInBrowser"},
	// A callback comes due.
	"the agent's telephone rings, and the story is open":        {"main.TestDayInBrowser", "desk.TestAgentsDay"},
	"he is busy, wants it later, at another time, not at all":   {"main.TestPromiseInBrowser", "main.TestCalledInBrowser"},
	"no call reaches him: desk and page say why, and when next": {"main.TestUnreachedInBrowser"},
	"the two speak": {"main.TestDayInBrowser", "main.TestCalledInBrowser", "main.TestDemoInBrowser"},
	"he is put through to a colleague, whose desk opens it": {"main.TestTransferInBrowser", "main.TestPutThroughInBrowser"},
	"the agent speaks with the colleague first":             {"main.TestPutThroughInBrowser"},
	"nobody will be free: he is told another time before":   {"main.TestLateInBrowser"},
	// After the call.
	"the agent says what came of it":                        {"main.TestDayInBrowser", "main.TestTransferInBrowser"},
	"he answers how it was: by text, in words, on the page": {"main.TestDemoInBrowser", "main.TestCalledInBrowser", "main.TestPromiseInBrowser"},
	"what nobody understands is asked once more":            {"main.TestDemoInBrowser"},
	"he is unhappy, and the supervisor sees it":             {"main.TestPromiseInBrowser", "main.TestDayInBrowser", "main.TestUnhappyInBrowser"},
	"he is unhappy, and takes a time that is offered":       {"main.TestUnhappyInBrowser"},
	"he wants no more texts, and the desk says so":          {"main.TestUnhappyInBrowser"},
	// An agent's day.
	"gets the list by mail, opens the desk by its link": {"main.TestShiftInBrowser"},
	"prints the list, and takes it along as a file":     {"main.TestShiftInBrowser"},
	"has a calendar follow, and takes that back":        {"main.TestShiftInBrowser"},
	"one key for each deed":                             {"desk.TestAgentsDay", "main.TestKeysInBrowser"},
	"promises a call to somebody who wrote":             {"main.TestKeysInBrowser", "desk.TestAgentsDay"},
	"hands it over to a colleague, to the team, or not": {"main.TestHandOverInBrowser"},
	"what he owns falls to the team before it breaks":   {"main.TestOwnedInBrowser"},
	"rows, stories and sounds come by themselves":       {"desk.TestNewsTakeNothingAway", "desk.TestOwnRowsAlone", "desk.TestBriefIsOvertaken"},
	"takes calls or has a break, by desk or telephone":  {"desk.TestAgentsDay", "main.TestTransferInBrowser"},
	// A supervisor's day.
	"changes a menu, hears it, puts it back":            {"main.TestSupervisorInBrowser", "main.TestMenusInTheBrowser"},
	"sees the worst node, and the drawing with traffic": {"main.TestTrialInBrowser"},
	"replays yesterday's keys in a draft":               {"main.TestTrialInBrowser"},
	"tries it with a tenth, takes it back or keeps it":  {"main.TestTrialInBrowser"},
	"breaks a file, is told where, and mends it":        {"main.TestBrokenFileAtAnOpenDesk"},
	"changes what callers hear":                         {"main.TestPromptsInTheBrowser"},
	"sees promises kept and broken, and who is unhappy": {"reports.TestSupervisorsDay", "wall.TestWallIsForEverybody"},
	// A newcomer's first minutes, and those who run it.
	"calls, is called back, answers the text, sees it all": {"main.TestDemoInBrowser"},
	"has the clock run faster until it rings":              {"main.TestHurryInBrowser"},
	"loads the telephone anew in a call, and leaves it":    {"booth.TestPageInACall"},
	"comes first, makes accounts, starts it anew":          {"main.TestOperatorInBrowser"},
	"signs in with a device":                               {"main.TestPasskeysInTheBrowser"},
}

// TestEveryJourneyIsMade finds the tests of all journeys.
func TestEveryJourneyIsMade(t *testing.T) {
	t.Parallel()
	for journey, tests := range journeys {
		for _, test := range tests {
			if pkg, name, _ := strings.Cut(test, "."); !tested(t, pkg, name) {
				t.Errorf("%s: there is no %s", journey, test)
			}
		}
	}
}

// TestEveryJourneyLeavesPictures: tools/strips, with which a run of CI ends, is
// content when each journey left a picture, and names the one that left none.
func TestEveryJourneyLeavesPictures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var made []string
	for _, tests := range journeys {
		for _, test := range tests {
			if own, ok := strings.CutPrefix(test, "main."); ok {
				test = "holdless." + own // the directory that it is in
			}
			made = append(made, filepath.Join(dir, test))
		}
	}
	slices.Sort(made)
	made = slices.Compact(made)
	for _, strip := range made {
		mkdir(t, strip)
		write(t, filepath.Join(strip, "001 open.jpg"), "a picture")
	}
	if said, err := strips(t, dir); err != nil || !strings.Contains(said, " pictures of ") {
		t.Errorf("all left pictures, and it says %q, %v", said, err)
	}
	if err := os.Remove(filepath.Join(made[0], "001 open.jpg")); err != nil {
		t.Fatal(err)
	}
	if said, err := strips(t, dir); err == nil || !strings.Contains(said, filepath.Base(made[0])+" left no picture\n") || strings.Count(said, "left no picture") != 1 {
		t.Errorf("%s left no picture, and it says %q, %v", made[0], said, err)
	}
}

func strips(t *testing.T, dir string) (string, error) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "sh", filepath.Join("..", "..", "tools", "strips"), dir).Output()
	return string(said), err
}
