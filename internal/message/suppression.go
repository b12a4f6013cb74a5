package message

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"wxdispatch/internal/fault"
)

// Suppression is that a user wants nothing more, or nothing of one template.
type Suppression struct {
	OpenID   string
	Template string    // "": everything
	Until    time.Time // zero: for good
	By       string    // who says so, a word: app, switched_off (43101), rejected (an event)
	Void     bool      // setting: the user's consents for the template are void
	Replace  bool      // setting: also where what stands lasts longer
	Event    string    // setting: the name of the event that says so; the same one again changes nothing
}

// Who says that a user wants no more.
const (
	ByApp         = "app"
	BySwitchedOff = "switched_off" // WeChat's 43101 on kind template
	ByRejected    = "rejected"     // an event of WeChat's
)

// Holds tells whether it is in force.
func (s Suppression) Holds(now time.Time) bool { return s.Until.IsZero() || now.Before(s.Until) }

// SuppressionList is what a user wants no more, in the shape that programs read.
type SuppressionList struct {
	OpenID       string            `json:"openid"`
	Suppressions []SuppressionLine `json:"suppressions"`
}

// SuppressionLine is one of a SuppressionList; every field is there in every
// line.
type SuppressionLine struct {
	Template string     `json:"template_id"` // "": everything
	Until    *time.Time `json:"until"`       // null: for good
	By       string     `json:"by"`          // app, switched_off, rejected
}

// SuppressionsOf puts a user's suppressions into that shape.
func SuppressionsOf(openid string, list []Suppression) SuppressionList {
	shape := SuppressionList{OpenID: openid, Suppressions: []SuppressionLine{}}
	for _, s := range list {
		line := SuppressionLine{Template: s.Template, By: s.By}
		if !s.Until.IsZero() {
			until := s.Until.UTC()
			line.Until = &until
		}
		shape.Suppressions = append(shape.Suppressions, line)
	}
	return shape
}

// DecodeSuppression reads what an app says of a user: an object with template_id
// (absent or empty: everything) and until (absent or null: for good). Unknown
// fields and wrong types are mistakes, class Invalid.
func DecodeSuppression(data []byte) (Suppression, error) {
	var row struct {
		Template string     `json:"template_id"`
		Until    *time.Time `json:"until"`
	}
	s := Suppression{By: ByApp, Replace: true}
	if len(bytes.TrimSpace(data)) == 0 {
		return s, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&row)
	if _, more := decoder.Token(); err != nil || more != io.EOF {
		return s, fault.InvalidFields("message.suppression", []fault.Field{{
			Message: `is no object of {"template_id":"…","until":"2026-12-24T20:00:00+08:00"}, each of which may be left out`}})
	}
	s.Template = row.Template
	if row.Until != nil {
		s.Until = *row.Until
	}
	return s, nil
}
