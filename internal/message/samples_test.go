package message

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExamplesDecode(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	kinds, ids := map[Kind]bool{}, map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if want := "example-" + strings.TrimSuffix(filepath.Base(file), ".json"); m.ID != want || ids[m.ID] {
			t.Errorf("%s has id %q, want %q", file, m.ID, want)
		}
		kinds[m.Kind], ids[m.ID] = true, true
	}
	for _, kind := range Kinds() {
		if !kinds[kind] {
			t.Errorf("no example of kind %s", kind)
		}
	}
}

// The samples of the old documents are what apps were written after.
func TestOldSamplesDecode(t *testing.T) {
	samples, _ := filepath.Glob("../../../shared/seeds/*.txt")
	if len(samples) == 0 {
		t.Skip("the old documents are not here")
	}
	found := 0
	for _, file := range samples {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range bodiesIn(string(data)) {
			kind := Template
			if strings.Contains(body, `"form_id"`) {
				kind = WXOpen
			}
			if m, err := Decode([]byte(wrap(kind, body, `"id":"sample"`))); err != nil {
				t.Errorf("%s: %v", filepath.Base(file), err)
			} else {
				checkMessage(t, m)
			}
			found++
		}
	}
	if found == 0 {
		t.Error("no sample found in the old documents")
	}
}

// bodiesIn returns the JSON objects of a text that have a touser.
func bodiesIn(text string) (bodies []string) {
	for i, c := range text {
		var raw json.RawMessage
		if c == '{' && json.NewDecoder(strings.NewReader(text[i:])).Decode(&raw) == nil && strings.Contains(string(raw), `"touser"`) {
			bodies = append(bodies, string(raw))
		}
	}
	return bodies
}
