package lint

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"wxdispatch/internal/template"
)

// entry is a template as a file writes it: our own names, or those of WeChat's
// answers.
type entry struct {
	ID       string    `json:"template_id"`
	PriID    string    `json:"priTmplId"`
	Title    string    `json:"title"`
	Content  string    `json:"content"`
	Example  string    `json:"example"`
	Keywords []keyword `json:"keywords"`
}

var errEmpty = errors.New(`has neither title nor keywords nor content; write {"title": …, "keywords": [{"name": …, "example": …}], "content": …}`)

func (e entry) empty() bool { return e.Title == "" && e.Content == "" && len(e.Keywords) == 0 }

// keyword may be written as its name alone.
type keyword template.Keyword

func (k *keyword) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, &k.Name)
	}
	return json.Unmarshal(raw, (*template.Keyword)(k))
}

// Read reads a file of templates; the name's ending tells a CSV file from JSON.
//
// JSON: an object, an array of them, or one a line, each with title, keywords
// (names, or {name, example}) and content, whichever there are; WeChat's own
// answers are read as well. CSV: a header with title, content, and pairs of
// columns keyword and example, as often as wanted.
func Read(name string, data []byte) ([]Subject, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var subjects []Subject
	var err error
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		subjects, err = readCSV(name, data)
	} else {
		subjects, err = readJSON(name, data)
	}
	if err == nil && len(subjects) == 0 {
		err = fmt.Errorf("%s: holds no template; write title, keywords or content", name)
	}
	return subjects, err
}

func readJSON(name string, data []byte) ([]Subject, error) {
	var subjects []Subject
	decoder := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return subjects, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: is no JSON at byte %d: %w", name, decoder.InputOffset(), err)
		}
		entries, err := entries(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: template %d: %w", name, len(subjects)+1, err)
		}
		for _, e := range entries {
			subjects = append(subjects, e.subject(fmt.Sprintf("%s #%d", name, len(subjects)+1)))
		}
	}
}

// entries reads an object, an array, or an answer of WeChat's that holds one.
func entries(raw json.RawMessage) ([]entry, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '[' {
		var many []entry
		if err := json.Unmarshal(raw, &many); err != nil {
			return nil, wanted(err)
		}
		for i, e := range many {
			if e.empty() {
				return nil, fmt.Errorf("number %d of the array %w", i+1, errEmpty)
			}
		}
		return many, nil
	}
	var lists struct {
		List    []entry `json:"list"`
		Private []entry `json:"template_list"`
		Data    []entry `json:"data"`
	}
	if json.Unmarshal(raw, &lists) == nil {
		if all := append(append(lists.List, lists.Private...), lists.Data...); len(all) > 0 {
			return all, nil
		}
	}
	var one entry
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, wanted(err)
	}
	if one.empty() {
		return nil, errEmpty
	}
	return []entry{one}, nil
}

// wanted puts a decoder's words into ours.
func wanted(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s is a %s; wanted is an object with title, keywords and content", wrong.Field, wrong.Value)
	}
	return err
}

func (e entry) subject(place string) Subject {
	s := Subject{Place: place, Title: e.Title, Content: e.Content}
	if id := e.ID + e.PriID; id != "" {
		s.Place = id
	}
	for _, k := range e.Keywords {
		s.Keywords = append(s.Keywords, template.Keyword(k))
	}
	if len(s.Keywords) == 0 {
		s.Keywords = template.Keywords(template.Template{Content: e.Content, Example: e.Example})
	}
	return s
}

func readCSV(name string, data []byte) ([]Subject, error) {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.FieldsPerRecord, reader.TrimLeadingSpace = -1, true
	header, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: has no header line; write title,content,keyword,example", name)
	}
	for i, column := range header {
		header[i] = strings.TrimRight(strings.ToLower(strings.TrimSpace(column)), "0123456789")
		switch header[i] {
		case "title", "content", "keyword", "example":
		default:
			return nil, fmt.Errorf("%s: column %q is not known; known are title, content, keyword and example", name, column)
		}
	}
	var subjects []Subject
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return subjects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := reader.FieldPos(0)
		if len(row) > len(header) {
			return nil, fmt.Errorf("%s line %d: has %d columns; the header names %d", name, line, len(row), len(header))
		}
		subjects = append(subjects, ofRow(fmt.Sprintf("%s line %d", name, line), header, row))
	}
}

func ofRow(place string, header, row []string) Subject {
	s := Subject{Place: place}
	for i, cell := range row {
		switch header[i] {
		case "title":
			s.Title = cell
		case "content":
			s.Content = cell
		case "keyword":
			if cell != "" {
				s.Keywords = append(s.Keywords, template.Keyword{Name: cell})
			}
		case "example":
			if n := len(s.Keywords); n > 0 && cell != "" {
				s.Keywords[n-1].Example = cell
			}
		}
	}
	return s
}
