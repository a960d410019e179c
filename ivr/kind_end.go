package ivr

// end says goodbye.
type end struct {
	say   []sentence
	notes []Note
}

func readEnd(f *fields) kind {
	k := &end{say: f.says("say")}
	f.shape("note", shape{"type": "object", "additionalProperties": textShape})
	n := f.get("note")
	if n == nil {
		return k
	}
	for _, p := range f.reader.pairs(n, "note") {
		if value, ok := f.scalar(p.value, p.key); ok {
			k.notes = append(k.notes, Note{p.key, value})
		}
	}
	return k
}

func (k *end) enter(t *talk) string {
	t.sayAll(k.say)
	for _, n := range k.notes {
		t.note(n.Name, n.Value)
	}
	t.out.End = true
	return ""
}

func (k *end) hear(t *talk, _ Event) (string, bool) {
	t.out.End = true
	return "", true
}
