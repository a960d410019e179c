package script_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdless/holdless/internal/script"
	"github.com/holdless/holdless/ivr"
)

const night = "now 2026-11-28 22:10\nclosed Mon 09:00\nfree Mon 09:00 09:15\nagents busy\n"

func TestGoal(t *testing.T) {
	t.Parallel()
	m, err := ivr.Default("main")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, talk, want string }{
		{"path", "keys 1\npath welcome ... desk times\n", ""},
		{"another path", "keys 1\npath welcome ... ring\n", "x:6: after < 1\n   got path welcome promised topics desk times\n  want path welcome ... ring"},
		{"says", "keys 1\nsays We open on Monday at 9:00.\n", ""},
		{"says in Finnish", "lang fi\nkeys 1\nsays laskut: painakaa 1\nsays Avaamme ylihuomenna\n", ""},
		{"does not say", "keys 1\nsays Tuesday\n", "want says Tuesday"},
		{"booked", "keys 1 1 1\nbooked Mon 09:00\n", ""},
		{"booked later", "keys 1 2 1\nbooked Mon 09:00\n", "got booked Mon 09:15\n  want booked Mon 09:00"},
		{"not booked", "keys 1\nbooked Mon 09:00\n", "got no callback"},
		{"seconds", "keys 1 1 1\nseconds 100\n", ""},
		{"too many seconds", "keys 1 1 1\nseconds 3\n", "want seconds 3"},
		{"too many keys", "keys 1 1 1 1 1 1 1\nseconds 3\n", "got the talk is over before 1"},
		{"what is no key", `keys 0 silence "noanswer busy"` + "\npath ...\n", ""},
		{"nothing expected", "keys 1\n", "x:6: the keys expect nothing"},
		{"both forms", "keys 1\npath a\n> listen\n", "and not both"},
		{"commas", "keys 1\npath a, b\n", "spaces between"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			talk, err := script.Parse("x", []byte("# night\n"+night+tt.talk))
			if err == nil {
				err = talk.Run(m)
			}
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestGoalOfRealSounds: seconds are those of the sounds, when they are given.
func TestGoalOfRealSounds(t *testing.T) {
	t.Parallel()
	m, err := ivr.Default("main")
	if err != nil {
		t.Fatal(err)
	}
	talk, err := script.Parse("x", []byte("free 14:30\nkeys 1\nseconds 5\n"))
	if err != nil {
		t.Fatal(err)
	}
	talk.Length = func(lang string, _ ivr.Prompt) time.Duration {
		if lang != "en" {
			t.Errorf("asks in %q", lang)
		}
		return time.Second
	}
	if err := talk.Run(m); err != nil { // welcome, two options, one time, a person
		t.Error(err)
	}
	talk.Goal.Seconds = 4
	if talk.Run(m) == nil {
		t.Error("five seconds are four")
	}
}
