package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/holdless/holdless/callback"
)

// keysMenu asks twice. Whoever is heard to press a key twice comes to another
// end than whoever is heard once.
const keysMenu = `languages: [en]
start: first
stuck: person
nodes:
  first: {do: menu, say: [welcome], keys: {"1": {say: press_yes, to: second}, "0": {say: press_no, to: person}}}
  second: {do: menu, say: [ask_solved], keys: {"1": {say: press_yes, to: doubled}, "2": {say: press_no, to: counted}, "0": {say: press_no, to: person}}}
  doubled: {do: end, say: bye}
  counted: {do: end, say: bye}
  person: {do: connect, say: connecting, to: agents, then: doubled, busy: doubled}
`

// outMenu hands every call over to a place outside.
const outMenu = `languages: [en]
start: out
stuck: out
nodes:
  out: {do: transfer, say: connecting, to: "sip:desk@192.0.2.1", then: handed, busy: failed}
  handed: {do: end, say: bye}
  failed: {do: end, say: bye}
`

// personMenu rings somebody at once.
const personMenu = `languages: [en]
start: person
stuck: person
nodes:
  person: {do: connect, say: connecting, to: agents, then: over, busy: over}
  over: {do: end, say: bye}
`

// carl is the number of an agent whom the trunk would ring.
const carl = "+358401234999"

// menu writes a menu that a service reads.
func menu(t testing.TB, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// callersConfig has a queue for each way of calling that a colleague takes part in,
// and one of which nobody is ever rung.
const callersConfig = `sip:
  listen: [udp:SIP, %q]
  silence: 2m
  trunks: {carrier: {host: %s, allow: [127.0.0.1, "::1"], calls_per_second: 100}}
callbacks: {slot: 1m, lead: 0s, permitted: "00:00-24:00", allow_regions: [FI]}
numbers:
  "+3589123450": {menu: main, queue: billing}
  "+3589123451": {menu: %q, queue: billing}
  "+3589123452": {menu: %q, queue: billing}
  "+3589123453": {menu: %q, queue: deserted}
  "+3589123454": {menu: main, queue: advised}
agents: {anna: {name: Anna, phone: %q}, bo: {name: Bo, phone: %q}, carl: {name: Carl, phone: %q}, dora: {name: Dora, phone: %q}, eve: {name: Eve, phone: %q}}
queues:
  billing: {agents: [anna], hours: {mon-sun: "00:00-24:00"}, wrap_up: 1s}
  deserted: {agents: [carl], hours: {mon-sun: "00:00-24:00"}, wrap_up: 1s}
  advised: {agents: [dora], hours: {mon-sun: "00:00-24:00"}, wrap_up: 1s}
`

// TestCallers has SIPp call a service in ways that telephones do, and looks at
// what the service made of it. Who never acknowledges has a queue of his own,
// whose agent nobody may ring: how long he is kept must not decide whom another
// gets.
func TestCallers(t *testing.T) {
	t.Parallel()
	need(t, "sipp", "sip-tester")
	colleague := answers(t, "colleague")
	agent := answers(t, "agent_refers", "-key", "colleague", colleague.uri("bo"))
	consulted := answers(t, "colleague_consulted")
	consults := answers(t, "agent_consults", "-key", "colleague", consulted.uri("eve"))
	v6 := fmt.Sprintf("[::1]:%d", freePort(t))
	trunk := openCarrier(t)
	s := serve(t, fmt.Sprintf(callersConfig, "udp:"+v6, trunk.addr(), menu(t, "keys.yaml", keysMenu), menu(t, "out.yaml", outMenu),
		menu(t, "person.yaml", personMenu), agent.uri("anna"), colleague.uri("bo"), carl,
		consults.uri("dora"), consulted.uri("eve")))
	all := []struct {
		scenario, from, to string
		args               []string
		ended              string // where the talk ended, and by whom
	}{
		{"caller_no_ack", "+358401234600", "3", nil, "talk.gone"},
		{"caller_keys_twice", "+358401234601", "1", nil, "talk.ended counted"},
		{"caller_is_referred", "+358401234602", "2", nil, "talk.ended handed"},
		{"caller_waits", "+358401234603", "0", nil, "talk.spoke"},
		{"caller_waits", "+358401234605", "4", nil, "talk.spoke"},
		{"caller_short", "+358401234604", "0", []string{"-i", "[::1]", "-mi", "[::1]", v6}, "talk.gone"},
	}
	var phones []*sipp
	for _, tt := range all {
		args := append([]string{"-m", "1", "-key", "from", tt.from, "-s", "+358912345" + tt.to}, tt.args...)
		if tt.args == nil {
			args = append(args, s.sip)
		}
		phones = append(phones, play(t, tt.scenario, args...))
	}
	for _, p := range phones {
		p.wait(2 * patience)
	}
	for _, p := range []*sipp{agent, colleague, consults, consulted} {
		p.leave()
	}
	eventually(t, patience, "no call is up", func() bool { return s.live() == "0" })
	if !strings.Contains(s.log.String(), "answer never acknowledged") {
		t.Error("nobody noticed that a caller was never there")
	}
	if _, ok := trunk.calledAt(carl); ok {
		t.Error("an agent was rung for a caller who was never there")
	}
	entries := s.journal()
	for _, tt := range all {
		i := slices.IndexFunc(entries, func(e callback.Entry) bool {
			return string(e.Phone) == tt.from && strings.HasPrefix(e.Kind+" "+e.Name, tt.ended)
		})
		if i < 0 {
			t.Errorf("%s: no %q in the journal", tt.scenario, tt.ended)
		}
	}
	for _, kind := range []string{"transfer", "transfer.taken"} {
		for _, by := range []string{"agent:anna", "agent:dora"} {
			if !slices.ContainsFunc(entries, func(e callback.Entry) bool { return e.Kind == kind && e.Actor == by }) {
				t.Errorf("no %q of %s in the journal", kind, by)
			}
		}
	}
	if t.Failed() {
		for _, e := range entries {
			t.Logf("%s %s %s %s %s", e.Kind, e.Phone, e.Actor, e.Name, e.Value)
		}
	}
}

// journal is all that a service has written down. It ends the service.
func (s *service) journal() (all []callback.Entry) {
	s.t.Helper()
	err := s.kept().View(s.t.Context(), func(tx callback.Tx) (err error) {
		all, err = tx.Entries(0, 10_000)
		return err
	})
	if err != nil {
		s.t.Error(err)
	}
	return all
}
