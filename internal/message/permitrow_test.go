package message

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
)

func TestDecodePermit(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.FixedZone("", 8*3600))
	for text, want := range map[string]PermitRow{
		`{"openid":"o1","type":"form","code":"f1","issued_at":"2026-11-22T20:00:00+08:00"}`: {OpenID: "o1", Type: FormPermit, Code: "f1", IssuedAt: at},
		"\ufeff" + `{"code":"prepay_id=wx1","openid":"o1"}`:                                 {OpenID: "o1", Code: "prepay_id=wx1"},
		`{"openid":"o1","type":"consent","template_id":"t","count":1000}`:                   {OpenID: "o1", Type: ConsentPermit, Template: "t", Count: 1000},
	} {
		got, err := DecodePermit([]byte(text))
		if err != nil || !got.IssuedAt.Equal(want.IssuedAt) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		got.IssuedAt = want.IssuedAt
		if got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

func TestPermitMistakesAreToldAtOnce(t *testing.T) {
	cases := []struct{ text, want string }{
		{``, "line 1, column 1: is empty; give one JSON object"},
		{`[]`, "found an array; allowed is an object"},
		{`{"touser":"o"}`, "touser: unknown field; did you mean openid?|openid: missing; it is the user's openid"},
		{`{"openid":"o","formId":"f"}`, "formId: unknown field; did you mean code?"},
		{`{"openid":"o","prepay_id":"f"}`, "prepay_id: unknown field; did you mean code?"},
		{`{"openid":"o","templateId":"f"}`, "templateId: unknown field; did you mean template_id?"},
		{`{"openid":"o","issuedAt":"x"}`, "issuedAt: unknown field; did you mean issued_at?"},
		{`{"openid":"o","timestamp":1}`, "timestamp: unknown field; did you mean issued_at?"},
		{`{"openid":"o","expires_at":"x"}`, "expires_at: unknown field; what is left of a permit, and until when, is counted here"},
		{`{"openid":"o","account":"mini"}`, "account: unknown field; the account stands beside the permits"},
		{`{"openid":"o","colour":1}`, "colour: unknown field; known here are openid, type, code, template_id, count, issued_at"},
		{`{"openid":"o","code":"a","code":"b"}`, "code: stands more than once; keep one of them"},
		{`{"openid":7,"type":"forms","code":"","template_id":"","count":0,"issued_at":1795348800}`,
			"openid: found the number 7; allowed is a string: the user's openid|" +
				`type: found "forms"; allowed is form, payment or consent|code: is empty; give a form_id or a prepay_id; of a consent leave it out|` +
				"template_id: is empty; leave it out|count: found the number 0; allowed is a whole number from 1 to 1000|" +
				"issued_at: found the number 1795348800; allowed is an RFC 3339 time"},
		{`{"openid":"o","count":"3"}`, `count: found "3"; allowed is a whole number from 1 to 1000`},
		{`{"openid":"o","count":1.5}`, "count: found the number 1.5"},
		{`{"openid":"o","count":1001}`, "count: found the number 1001"},
		{`{"openid":"o","count":99999999999999999999}`, "count: found the number"},
		{`{"openid":"o","code":null}`, "code: found null"},
	}
	for _, c := range cases {
		_, err := DecodePermit([]byte(c.text))
		var told []string
		for _, f := range fields(err) {
			told = append(told, f.String())
		}
		want := strings.Split(c.want, "|")
		if len(told) != len(want) || !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: told %q, want %q", c.text, told, want)
			continue
		}
		for i := range want {
			if !strings.HasPrefix(told[i], want[i]) {
				t.Errorf("%s: told %q, want %q", c.text, told[i], want[i])
			}
		}
	}
}

// FuzzDecodePermit holds that a row either is refused as invalid, with words,
// or says exactly what a plain JSON reader reads of it.
func FuzzDecodePermit(f *testing.F) {
	f.Add([]byte(`{"openid":"o1","type":"form","code":"f1","issued_at":"2026-11-22T20:00:00+08:00"}`))
	f.Add([]byte(`{"openid":"o1","type":"consent","template_id":"t","count":3,"code":"\u0065v"}`))
	f.Add([]byte(`{"openid":"o1","Code":"x","count":1e2,"issued_at":null}`))
	f.Add([]byte("\ufeff{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		row, err := DecodePermit(data)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || len(fields(err)) == 0 || row != (PermitRow{}) {
				t.Fatalf("%+v, %v", row, err)
			}
			return
		}
		var plain struct {
			OpenID   string     `json:"openid"`
			Type     PermitType `json:"type"`
			Code     string     `json:"code"`
			Template string     `json:"template_id"`
			Count    int        `json:"count"`
			IssuedAt time.Time  `json:"issued_at"`
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), string(byteOrderMark))), &plain); err != nil {
			t.Fatalf("taken, but no JSON of ours: %v", err)
		}
		if !plain.IssuedAt.Equal(row.IssuedAt) {
			t.Errorf("issued at %s, want %s", row.IssuedAt, plain.IssuedAt)
		}
		plain.IssuedAt = row.IssuedAt
		if PermitRow(plain) != row {
			t.Errorf("read %+v, want %+v", row, plain)
		}
	})
}

func TestTypeOfWhatAnAppPassed(t *testing.T) {
	for text, want := range map[string]PermitType{"": "", "f1": FormPermit, "wx1": PaymentPermit, "prepay_id=wx1": PaymentPermit, "prepay_id=u1": PaymentPermit} {
		if got := PermitTypeOfText(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
