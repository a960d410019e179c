package ivr

// say says something and goes on.
type say struct {
	say  []sentence
	then string
}

func readSay(f *fields) kind {
	return &say{say: f.mustSay("say"), then: f.next("then")}
}

func (k *say) enter(t *talk) string {
	t.sayAll(k.say)
	return k.then
}

func (k *say) hear(*talk, Event) (string, bool) { return "", false }
