package main

import (
	"encoding/json"
	"testing"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	code, out, errs := holdless(t, "schema")
	var doc struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(out), &doc); code != exitDone || err != nil || doc.Defs["do_menu"] == nil {
		t.Errorf("got %d %s: %v\n%s", code, errs, err, out)
	}
}
