package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
)

func TestWhatIsNoPermit(t *testing.T) {
	const (
		form, payment, consent = message.FormPermit, message.PaymentPermit, message.ConsentPermit
		week                   = 7 * 24 * time.Hour
	)
	old := now.Add(-week + 5*time.Minute)
	cases := []struct {
		name, account string
		grant         permit.Grant
		want          []string // the fields' texts, as they begin; none: it is taken in
	}{
		{"a form", "mini", permit.Grant{OpenID: "o", Type: form, Code: "f1", IssuedAt: now}, nil},
		{"of now", "mini", permit.Grant{OpenID: "o", Code: "f1"}, nil},
		{"a form with a payment's look", "mini", permit.Grant{OpenID: "o", Type: form, Code: "wx1"}, nil},
		{"a payment with a form's look", "mini", permit.Grant{OpenID: "o", Type: payment, Code: "u1"}, nil},
		{"no openid", "mini", permit.Grant{Code: "f1"}, []string{"openid: missing; it is the user's openid"}},
		{"a bad openid", "mini", permit.Grant{OpenID: "o 1", Code: "f1"}, []string{`openid: found "o 1"; allowed are 1 to 128 of ASCII's visible characters`}},
		{"nothing", "mini", permit.Grant{OpenID: "o"}, []string{"code: missing; give a form_id or a prepay_id, or type consent"}},
		{"no code", "mini", permit.Grant{OpenID: "o", Type: form}, []string{"code: is empty; give a form_id or a prepay_id"}},
		{"a mock", "mini", permit.Grant{OpenID: "o", Code: "the formId is a mock one"}, []string{"code: found the mock form id of WeChat's developer tools; submit the form on a real phone"}},
		{"the later mock", "mini", permit.Grant{OpenID: "o", Type: form, Code: "The formId is no longer available in develop or trial version"}, []string{"code: found the mock form id"}},
		{"a transaction", "mini", permit.Grant{OpenID: "o", Type: payment, Code: "4200001958202411221234567890"}, []string{"code: found a transaction_id (digits that start with 4200); give the payment's prepay_id"}},
		{"only the prefix", "mini", permit.Grant{OpenID: "o", Code: "prepay_id="}, []string{"code: is empty"}},
		{"another type", "mini", permit.Grant{OpenID: "o", Type: "forms", Code: "f1"}, []string{`type: found "forms"; allowed are form, payment and consent`}},
		{"just ahead", "mini", permit.Grant{OpenID: "o", Code: "f1", IssuedAt: now.Add(time.Minute)}, nil},
		{"in the future", "mini", permit.Grant{OpenID: "o", Code: "f1", IssuedAt: now.Add(time.Minute + time.Second)},
			[]string{"issued_at: found 2026-11-22T12:01:01Z, which is in the future (now is 2026-11-22T12:00:00Z)"}},
		{"just young enough", "mini", permit.Grant{OpenID: "o", Code: "f1", IssuedAt: old.Add(time.Second)}, nil},
		{"too old", "mini", permit.Grant{OpenID: "o", Code: "wx1", IssuedAt: old.In(time.FixedZone("", 8*3600))},
			[]string{"issued_at: found 2026-11-15T20:05:00+08:00, which is too long ago: a payment lasts 7 days, and the last 5 minutes are not used; allowed is after 2026-11-15T20:05:00+08:00"}},
		{"a form with a template", "mini", permit.Grant{OpenID: "o", Type: form, Code: "f1", Template: "t", Count: 2},
			[]string{"template_id: is for consents; a form is good for any template", "count: is for consents; a form is good for 1 message by"}},
		{"a payment with a count", "mini", permit.Grant{OpenID: "o", Type: payment, Code: "wx1", Count: 3}, []string{"count: is for consents; a payment is good for 3 messages"}},
		{"a form of an official account", "shop", permit.Grant{OpenID: "o", Type: form, Code: "f1"}, []string{"type: found form; account shop is official, whose messages take consents only"}},
		{"a consent", "shop", permit.Grant{OpenID: "o", Type: consent, Template: "t"}, nil},
		{"many", "mini", permit.Grant{OpenID: "o", Type: consent, Template: "t", Count: 1000, Code: "event-1"}, nil},
		{"too many", "mini", permit.Grant{OpenID: "o", Type: consent, Template: "t", Count: 1001}, []string{"count: found 1001; allowed are 1 to 1000"}},
		{"fewer than none", "mini", permit.Grant{OpenID: "o", Type: consent, Template: "t", Count: -1}, []string{"count: found -1"}},
		{"a consent to nothing", "mini", permit.Grant{OpenID: "o", Type: consent, Code: "two words", IssuedAt: now},
			[]string{"template_id: missing; it is the id of the template", `code: found "two words"`, "issued_at: is for forms and payments; a consent does not end"}},
		{"a template without a type", "mini", permit.Grant{OpenID: "o", Template: "t", Code: "e"}, []string{"type: missing; with a template_id or a count it is consent"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newPool(t, redistest.MiniAt(t, now))
			p.now = now
			granted, err := p.Add(t.Context(), c.account, c.grant)
			if told := fieldsOf(err); len(told) != len(c.want) {
				t.Fatalf("told %q, want %q", told, c.want)
			} else {
				for i, want := range c.want {
					if !strings.HasPrefix(told[i], want) {
						t.Errorf("told %q, want %q", told[i], want)
					}
				}
			}
			if left := p.left(c.account, "o"); (left > 0) != (c.want == nil) || granted.Left != left {
				t.Errorf("%d are left, %+v", left, granted)
			}
		})
	}
}

// fieldsOf are the mistakes of class invalid, as texts; another error fails
// nothing here and has none.
func fieldsOf(err error) (told []string) {
	var f *fault.Error
	if errors.As(err, &f) && f.Class == fault.Invalid {
		for _, field := range f.Fields {
			told = append(told, field.String())
		}
	}
	return told
}

func TestTypeAndCodeAsUnderstood(t *testing.T) {
	p := newPool(t, redistest.MiniAt(t, now))
	p.now = now
	for _, c := range []struct {
		given, code string
		is          message.PermitType
		left        int
	}{
		{"8f6b2c1e9d3a4750", "8f6b2c1e9d3a4750", message.FormPermit, 1},
		{"wx221200001001", "wx221200001001", message.PaymentPermit, 3},
		{"prepay_id=wx221200001002", "wx221200001002", message.PaymentPermit, 3},
		{"prepay_id=up221200001003", "up221200001003", message.PaymentPermit, 3},
	} {
		got := p.add("mini", permit.Grant{OpenID: "o", Code: c.given})
		if got.Type != c.is || got.Code != c.code || got.Left != c.left || got.Known || !got.ExpiresAt.Equal(permit.Ends(now)) {
			t.Errorf("%s: %+v", c.given, got)
		}
	}
}
