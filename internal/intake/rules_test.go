package intake_test

import (
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/redistest"
)

// now is when the cases below are taken.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRefusals(t *testing.T) {
	const (
		template = `{"id":"a","account":"shop","kind":"template","body":{"touser":"o","template_id":"t","data":{"k":{"value":"v"}}}`
		wxopen   = `{"id":"a","account":"mini","kind":"wxopen","body":{"touser":"o","template_id":"t"`
		data     = `"data":{"k":{"value":"v"}}`
		uniform  = `{"id":"a","account":"mini","kind":"uniform","body":{"touser":"o",`
		weapp    = `"weapp_template_msg":{"template_id":"t",` + data
		mp       = `"mp_template_msg":{"appid":"wx1","template_id":"t",` + data + `}}`
	)
	cases := []struct {
		name, text string
		class      fault.Class
		words      string
	}{
		{"now", template + `}`, "", ""},
		{"unknown account", strings.Replace(template, "shop", "shpo", 1) + `}`, fault.NotFound, "known are mini (miniprogram), shop (official)"},
		{"kind of the other type", strings.Replace(template, "shop", "mini", 1) + `}`, fault.Invalid,
			"kind: found template; account mini is miniprogram: wxopen, uniform, subscribe"},
		{"kind of the other type, official", strings.Replace(wxopen, "mini", "shop", 1) + `}}`, fault.Invalid,
			"account shop is official: template, bizsend, onetime"},
		{"expired", template + `,"expires_at":"2026-11-22T20:00:00+08:00"}`, fault.Invalid,
			"expires_at: found 2026-11-22T20:00:00+08:00, which is over (now is 2026-11-22T20:00:00+08:00)"},
		{"expires in a second", template + `,"expires_at":"2026-11-22T12:00:01Z"}`, "", ""},
		{"sent long ago", template + `,"send_at":"2020-01-01T00:00:00Z"}`, "", ""},
		{"a year ahead", template + `,"send_at":"2027-11-22T12:00:00Z"}`, "", ""},
		{"more than a year ahead", template + `,"send_at":"2027-11-24T12:00:00Z"}`, fault.Invalid, "send_at: found 2027-11-24T12:00:00Z; allowed is at most a year ahead"},
		{"wxopen with a form", wxopen + `,"form_id":"f1"}}`, "", ""},
		{"wxopen without", wxopen + `}}`, fault.Unpermitted, "no permit of this user lasts until the message is due at 2026-11-22T12:00:00Z; collect a form_id"},
		{"form too old", wxopen + `,"form_id":"f1"},"permit_issued_at":"2026-11-15T12:00:00Z"}`, fault.Unpermitted, "the permit in the body ends before the message is due at 2026-11-22T12:00:00Z"},
		{"form just young enough", wxopen + `,"form_id":"f1"},"permit_issued_at":"2026-11-15T12:05:01Z"}`, "", ""},
		{"send_at after the form", wxopen + `,"form_id":"f1"},"send_at":"2026-11-30T12:00:00Z"}`, fault.Unpermitted, "before the message is due at 2026-11-30T12:00:00Z"},
		{"uniform weapp with a form", uniform + weapp + `,"form_id":"f1"}}}`, "", ""},
		{"uniform weapp without", uniform + weapp + `}}}`, fault.Unpermitted, "nothing is left to the user"},
		{"uniform both, weapp without", uniform + weapp + `},` + mp + `}`, fault.Unpermitted, "nothing is left to the user"},
		{"uniform mp alone", uniform + mp + `}`, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t, redistest.MiniAt(t, now))
			d.now = now
			_, err := d.Take(t.Context(), decode(t, c.text))
			if fault.ClassOf(err) != c.class {
				t.Fatalf("class %q, want %q: %v", fault.ClassOf(err), c.class, err)
			}
			if err != nil && !strings.Contains(err.Error(), c.words) {
				t.Errorf("%q does not say %q", err, c.words)
			}
		})
	}
}
