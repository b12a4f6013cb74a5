package wechattest

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"wxdispatch/examples"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
	"wxdispatch/internal/template/lint"
)

// What the stand-in offers, a review would let pass.
func TestTheLibraryPassesTheRulesOfReview(t *testing.T) {
	var subjects []lint.Subject
	ids := map[string]bool{}
	for _, title := range readLibrary() {
		subjects = append(subjects, lint.Subject{Place: title.ID, Title: title.Title, Keywords: title.Keywords})
		ids[title.ID] = true
	}
	if len(ids) < 30 || len(ids) != len(subjects) {
		t.Errorf("%d titles with %d ids; wanted are 30 or more, each with its own", len(subjects), len(ids))
	}
	for _, f := range lint.Check(subjects) {
		t.Errorf("%+v", f)
	}
}

// Each file of examples fits the template that the stand-in has under its id.
func TestTheExamplesFitTheirTemplates(t *testing.T) {
	files, err := fs.Glob(examples.Files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range files {
		raw, err := fs.ReadFile(examples.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := message.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		fill, ours := template.FillOf(m)
		if !ours {
			continue
		}
		found := false
		for _, own := range newShelf(m.Kind.AccountType()).own {
			if own.ID != fill.TemplateID || own.Sort != template.SortOf(m.Kind) {
				continue
			}
			found = true
			mistakes, warnings := template.Check(own, fill)
			for _, field := range append(mistakes, warnings...) {
				t.Errorf("%s: %s", name, field)
			}
		}
		if !found {
			t.Errorf("%s: the stand-in has no template %s for %s", name, fill.TemplateID, m.Kind)
		}
		checked++
	}
	if checked < 5 {
		t.Errorf("only %d examples were looked at", checked)
	}
}

func TestADeletedTemplateIsNotSentWith(t *testing.T) {
	shelf := newShelf(message.MiniProgram)
	if !shelf.good("anything") {
		t.Error("without a list any id is good")
	}
	if code := shelf.remove(template.OfForms, "nothing"); code != 40037 {
		t.Errorf("an unknown one: %d", code)
	}
	id := shelf.of(template.OfForms)[0].ID
	if code := shelf.remove(template.OfForms, id); code != 0 || shelf.good(id) {
		t.Errorf("after delete: code %d, still good %v", code, shelf.good(id))
	}
}

func TestTheLibraryIsJSONOfOneLineATitle(t *testing.T) {
	if !json.Valid(libraryJSON) || strings.Count(string(libraryJSON), "\n") != len(readLibrary())+2 {
		t.Error("library.json: keep one title a line")
	}
}
