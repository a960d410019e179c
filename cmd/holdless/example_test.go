package main

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/sipline"
)

const example = "../../config.example.yaml"

// TestExampleIsGood reads the example as serve does.
func TestExampleIsGood(t *testing.T) {
	t.Parallel()
	if _, err := readConfig(example); err != nil {
		t.Error(err)
	}
}

// TestExampleShowsDefaults finds a key whose value in the example is not what
// holds without it.
func TestExampleShowsDefaults(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	got, want := defaults(), defaults()
	if err := decode(example, src, &got).err(); err != nil {
		t.Fatal(err)
	}
	got.Numbers, got.Agents, got.Queues, got.SIP.Trunks = want.Numbers, want.Agents, want.Queues, want.SIP.Trunks
	emptied(&got)
	emptied(&want)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// emptied makes lists that are empty equal to those that are not there.
func emptied(c *config) {
	if len(c.Callbacks.AllowRegions) == 0 {
		c.Callbacks.AllowRegions = nil
	}
	if len(c.Callbacks.Deny) == 0 {
		c.Callbacks.Deny = nil
	}
	if len(c.VIPs) == 0 {
		c.VIPs = nil
	}
}

// TestExampleShowsEveryKey finds a field that the example forgot.
func TestExampleShowsEveryKey(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	// The lines of speech engines are comments, because no engine is a default.
	shown := strings.NewReplacer("suo_fi_lj_diphone}\n    # en: {exec", "suo_fi_lj_diphone, exec", "# fi: {engine", "fi: {engine",
		"# fi: {language", "fi: {language", "# crm: {url", "crm: {url").Replace(string(src))
	if err := yaml.Load([]byte(shown), &doc); err != nil {
		t.Fatal(err)
	}
	for _, missing := range absent(doc.Content[0], reflect.TypeFor[config](), "") {
		t.Errorf("%s is not in the example", missing)
	}
}

// absent lists the keys of a type that a node does not have.
func absent(n *yaml.Node, t reflect.Type, path string) []string {
	if t.Kind() == reflect.Map {
		if n == nil || len(n.Content) < 2 {
			return []string{path}
		}
		return absent(n.Content[1], t.Elem(), path+".*")
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var all []string
	for name, ft := range fieldsOf(t) {
		child := childOf(n, name)
		if child == nil {
			all = append(all, strings.TrimPrefix(path+"."+name, "."))
			continue
		}
		all = append(all, absent(child, ft, path+"."+name)...)
	}
	return all
}

func childOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// TestAbsentFindsAForgottenKey makes sure that the test above can fail.
func TestAbsentFindsAForgottenKey(t *testing.T) {
	t.Parallel()
	var doc yaml.Node
	if err := yaml.Load([]byte("trunks: {a: {host: x}}\nlisten: []"), &doc); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(absent(doc.Content[0], reflect.TypeFor[sipline.Config](), "sip"))
	for _, want := range []string{"sip.rtp_ports", "sip.trunks.*.allow"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	survey := reflect.TypeFor[callback.Survey]()
	if got := absent(&yaml.Node{}, survey, "survey"); len(got) != survey.NumField() {
		t.Errorf("got %d missing keys of the survey, want %d", len(got), survey.NumField())
	}
}
