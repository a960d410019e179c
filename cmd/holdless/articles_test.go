package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestArticles(t *testing.T) {
	t.Parallel()
	file := written(t, "articles: book.yaml\n")
	book := filepath.Join(filepath.Dir(file), "book.yaml")
	write(t, book, "checklists:\n  billing: [Ask for the number.]\narticles:\n"+
		"  overdue: {title: The invoice is overdue, topics: [billing], tags: [reminder], text: Two weeks.}\n"+
		"  snow: {title: Winter, tags: [ice], text: Roads.}\n")
	for _, tt := range []struct {
		name string
		args []string
		want string
		code int
	}{
		{"all", nil, "overdue  The invoice is overdue  reminder\nsnow     Winter                  ice\n", exitDone},
		{"one", []string{"remind"}, "The invoice is overdue (overdue)\nTwo weeks.\n", exitDone},
		{"a topic", []string{"--topic", "billing"}, "1. Ask for the number.\nThe invoice is overdue (overdue)\nTwo weeks.\n", exitDone},
		{"none", []string{"moon"}, "", exitWrong},
	} {
		if code, out, _ := holdless(t, append([]string{"articles", "-c", file}, tt.args...)...); code != tt.code || out != tt.want {
			t.Errorf("%s: got %d %q, want %q", tt.name, code, out, tt.want)
		}
	}
	if _, out, _ := holdless(t, "articles", "-c", file, "--json", "ice"); !strings.Contains(out, `"name": "snow"`) {
		t.Errorf("got %s", out)
	}
	write(t, book, "checklists:\n  biling: [Ask.]\narticles:\n  a: {tittle: A, text: b, tags: [c]}\n")
	if code, out, _ := holdless(t, "check", "-c", file); code != exitWrong || !strings.Contains(out, book+`:4:7: there is no key "tittle" here; did you mean "title"?`) {
		t.Errorf("got %d %s", code, out)
	}
	write(t, book, "checklists:\n  biling: [Ask.]\n")
	if code, out, _ := holdless(t, "check", "-c", file); code != exitDone || !strings.Contains(out, book+`:2:11: warning: no menu notes the topic "biling"; did you mean "billing"?`) {
		t.Errorf("got %d %s", code, out)
	}
}
