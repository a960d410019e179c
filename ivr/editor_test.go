package ivr_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/holdless/holdless/ivr"
)

// An editor speaks with yaml-language-server as editors do: the Language
// Server Protocol 3.17 over its input and output.
type editor struct {
	*testing.T
	out  io.Writer
	in   *bufio.Reader
	next int
	told map[string][]diagnostic // by document
	file string
}

type diagnostic struct {
	Message string
	Range   struct{ Start position }
}

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params any             `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// newEditor starts the server, beside a schema that was just printed.
func newEditor(t *testing.T) *editor {
	t.Helper()
	dir := os.Getenv("HOLDLESS_TEST_NODE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "holdless", "node")
	}
	server := filepath.Join(dir, "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(server); err != nil || missing != nil {
		t.Skip("needs npm yaml-language-server: make test-tools")
	}
	work := t.TempDir()
	schema, err := ivr.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(work, "menu.schema.json"), schema, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, server, "--stdio")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	e := &editor{T: t, out: in, in: bufio.NewReader(out), told: map[string][]diagnostic{}, file: filepath.Join(work, "menu.yaml")}
	e.ask("initialize", map[string]any{"processId": os.Getpid(), "rootUri": nil, "capabilities": map[string]any{}})
	e.send(message{Method: "initialized", Params: struct{}{}})
	return e
}

func (e *editor) send(m message) {
	e.Helper()
	body, err := json.Marshal(struct {
		JSONRPC string `json:"jsonrpc"`
		message
	}{"2.0", m})
	if err == nil {
		_, err = fmt.Fprintf(e.out, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	if err != nil {
		e.Fatal(err)
	}
}

// ask waits for an answer, and serves the server meanwhile.
func (e *editor) ask(method string, params any) json.RawMessage {
	e.Helper()
	e.next++
	id := strconv.Itoa(e.next)
	e.send(message{ID: json.RawMessage(id), Method: method, Params: params})
	for {
		if m := e.read(); m.Method == "" && string(m.ID) == id {
			return m.Result
		}
	}
}

// read takes one message of the server, and answers its questions with nothing.
func (e *editor) read() message {
	e.Helper()
	length := 0
	for {
		line, err := e.in.ReadString('\n')
		if err != nil {
			e.Fatal(err)
		}
		if line == "\r\n" {
			break
		}
		if value, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, err = strconv.Atoi(strings.TrimSpace(value))
			if err != nil {
				e.Fatal(err)
			}
		}
	}
	body := make([]byte, length)
	var m struct {
		message
		Params json.RawMessage `json:"params"`
	}
	if _, err := io.ReadFull(e.in, body); err != nil {
		e.Fatal(err)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		e.Fatal(err)
	}
	switch {
	case m.Method == "textDocument/publishDiagnostics":
		var told struct {
			URI         string
			Diagnostics []diagnostic
		}
		if err := json.Unmarshal(m.Params, &told); err != nil {
			e.Fatal(err)
		}
		e.told[told.URI] = told.Diagnostics
		if told.Diagnostics == nil {
			e.told[told.URI] = []diagnostic{}
		}
	case m.Method != "" && m.ID != nil:
		e.send(message{ID: m.ID, Result: json.RawMessage("null")})
	}
	return m.message
}

// open shows a menu to the server and returns its name there.
func (e *editor) open(name, menu string) string {
	e.Helper()
	uri := (&url.URL{Scheme: "file", Path: filepath.Join(filepath.Dir(e.file), name)}).String()
	text := "# yaml-language-server: $schema=./menu.schema.json\n" + menu
	e.send(message{Method: "textDocument/didOpen", Params: map[string]any{
		"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": 1, "text": text},
	}})
	return uri
}

// judged waits until the server has looked at a menu.
func (e *editor) judged(uri string) []diagnostic {
	e.Helper()
	for e.told[uri] == nil {
		e.read()
	}
	return e.told[uri]
}

// complaints waits until the server finds something wrong with a menu.
func (e *editor) complaints(uri string) []diagnostic {
	e.Helper()
	for len(e.told[uri]) == 0 {
		e.read()
	}
	return e.told[uri]
}

func at(uri string, line, character int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": position{line, character}}
}

const edited = "start: a\nstuck: p\nnodes:\n  a: {do: menu, keys: {1: p}}\n  p: {do: connect, to: agents, then: e, busy: e}\n  e:\n    do: end\n"

// TestEditor: an editor completes names, explains them, and complains as the
// manual says.
func TestEditor(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	good := e.open("good.yaml", edited)
	if found := e.judged(good); len(found) > 0 {
		t.Errorf("complains of a good menu: %+v", found)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"an unknown name", "do: end", "do: end\n    sya: goodbye", "Property sya is not allowed"},
		{"an unknown kind", "do: end", "do: ennd", "Value is not accepted"},
		{"an unknown sentence", "do: end", "do: end\n    say: goodby", "Value is not accepted"},
		{"a missing name", ", busy: e", "", `Missing property "busy"`},
		{"a key that no telephone has", "{1: p}", "{A: p}", "Property A is not allowed"},
		{"no nodes", "nodes:", "notes:", `Missing property "nodes"`},
	} {
		uri := e.open(strings.ReplaceAll(tt.name, " ", "-")+".yaml", strings.Replace(edited, tt.old, tt.new, 1))
		all := ""
		for _, d := range e.complaints(uri) {
			all += fmt.Sprintf("%d:%d %s\n", d.Range.Start.Line+1, d.Range.Start.Character+1, d.Message)
		}
		if !strings.Contains(all, tt.want) {
			t.Errorf("%s: it says\n%s\nwant %s", tt.name, all, tt.want)
		}
	}
	if got := string(e.ask("textDocument/hover", at(good, 7, 6))); !strings.Contains(got, "The kind of node") && !strings.Contains(got, "Says goodbye") {
		t.Errorf("do: is explained as %s", got)
	}
	half := e.open("half.yaml", edited+"    ")
	e.judged(half)
	got := string(e.ask("textDocument/completion", at(half, 8, 4)))
	for _, name := range []string{`"say"`, `"note"`} {
		if !strings.Contains(got, `"label":`+name) {
			t.Errorf("below do: end it offers %.600s, want %s", got, name)
		}
	}
	kinds := e.open("kinds.yaml", strings.Replace(edited, "do: end", "do: ", 1))
	e.judged(kinds)
	got = string(e.ask("textDocument/completion", at(kinds, 7, 8)))
	for _, name := range []string{"ask_number", "language", "transfer"} {
		if !strings.Contains(got, `"label":"`+name+`"`) {
			t.Errorf("behind do: it offers %.600s, want %s", got, name)
		}
	}
}
