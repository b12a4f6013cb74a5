package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
)

// Permits as a user meets them, from collecting to a refund.

// ago is a flag's or a row's time, so long before now.
func ago(d time.Duration) string { return time.Now().Add(-d).Format(time.RFC3339) }

// wxopen is a message that takes the user's next permit; rest goes into it.
func wxopen(id, rest string) string {
	return fmt.Sprintf(`{"id":%q,"account":"mini","kind":"wxopen",%s"body":{"touser":"oUser","template_id":"tpl","data":{"keyword1":{"value":"v"}}}}`, id, rest)
}

// add takes a permit of oUser in, and reads the result's line.
func (s *shell) add(code int, flags ...string) map[string]any {
	s.t.Helper()
	return s.run("", append([]string{"permit", "add", "mini", "oUser", "--json"}, flags...)...).exits(code).lines()[0]
}

// standing are the permits of oUser as "TYPE CODE TEMPLATE LEFT", in the order
// of the list, and how many messages they are good for.
func (s *shell) standing() (permits []string, remaining any) {
	s.t.Helper()
	balance := s.run("", "permit", "list", "mini", "oUser", "--json").exits(exitOK).lines()[0]
	for _, p := range balance["permits"].([]any) {
		line := p.(map[string]any)
		permits = append(permits, fmt.Sprint(line["type"], " ", line["code"], line["template_id"], " ", line["left"]))
	}
	return permits, balance["remaining"]
}

func (s *shell) wantLeft(want int) {
	s.t.Helper()
	if permits, remaining := s.standing(); remaining != float64(want) {
		s.t.Errorf("%v are left in %q, want %d", remaining, permits, want)
	}
}

func TestPermitAddAsATable(t *testing.T) {
	s := miniShell(t)
	issued := time.Now().Add(-25 * time.Hour)
	got := s.run("", "permit", "add", "mini", "oUser", "--code", "prepay_id=wx1", "--issued-at", issued.Format(time.RFC3339)).exits(exitOK)
	ends := clock(issued.Add(7*24*time.Hour - 5*time.Minute))
	got.prints("TYPE     CODE  TEMPLATE  LEFT  EXPIRES                           NOTE\n" +
		"payment  wx1   -            3  " + ends + " (in 5d 22h)  added\n")
	s.run("", "permit", "add", "mini", "oUser", "--code", "wx1").exits(exitOK).prints(
		"TYPE     CODE  TEMPLATE  LEFT  EXPIRES    NOTE\npayment  wx1   -            3  as before  known already\n")
	s.run("", "permit", "add", "mini", "oUser", "--type", "consent", "--template", "tpl", "--count", "2").exits(exitOK).prints(
		"TYPE     CODE  TEMPLATE  LEFT  EXPIRES  NOTE\nconsent  -     tpl          2  -        added\n")
	s.run("", "permit", "list", "mini", "oUser").exits(exitOK).prints(
		"TYPE     CODE  TEMPLATE  LEFT  EXPIRES\n" +
			"payment  wx1   -            3  " + ends + " (in 5d 22h)\n" +
			"consent  -     tpl          2  -\n")
}

func TestPermitAddForPrograms(t *testing.T) {
	s := miniShell(t)
	first := s.add(exitOK, "--code", "form-1", "--issued-at", "2h")
	if first["type"] != "form" || first["left"] != 1.0 || first["known"] != false || first["account"] != "mini" || first["openid"] != "oUser" || first["error"] != nil {
		t.Errorf("first: %v", first)
	}
	ends, err := time.Parse(time.RFC3339, first["expires_at"].(string))
	if left := time.Until(ends); err != nil || left < 165*time.Hour || left > 166*time.Hour {
		t.Errorf("a form of two hours ago ends in %s, %v", left, err)
	}
	if again := s.add(exitOK, "--code", "form-1"); again["known"] != true || again["left"] != 1.0 || again["expires_at"] != nil {
		t.Errorf("again: %v", again)
	}
	if pay := s.add(exitOK, "--type", "payment", "--code", "prepay_id=up1"); pay["type"] != "payment" || pay["code"] != "up1" || pay["left"] != 3.0 {
		t.Errorf("a payment with its prefix: %v", pay)
	}
	for want := 1; want <= 2; want++ { // without a name each counts
		if got := s.add(exitOK, "--type", "consent", "--template", "tpl"); got["left"] != float64(want) || got["template_id"] != "tpl" {
			t.Errorf("consent %d: %v", want, got)
		}
	}
	for _, known := range []bool{false, true} {
		if got := s.add(exitOK, "--type", "consent", "--template", "tpl", "--code", "order-1", "--count", "3"); got["left"] != 5.0 || got["known"] != known {
			t.Errorf("a named consent: %v", got)
		}
	}
	s.wantLeft(1 + 3 + 5)
}

func TestPermitsThatCannotBe(t *testing.T) {
	s := miniShell(t)
	for _, c := range []struct {
		name  string
		flags []string
		words string
	}{
		{"a mock", []string{"--code", "the formId is a mock one"}, "flags: code: found the mock form id of WeChat's developer tools"},
		{"the later mock", []string{"--code", "the formId is no longer available in develop or trial version"}, "flags: code: found the mock form id"},
		{"a transaction", []string{"--type", "payment", "--code", "4200001958202411221234567890"}, "found a transaction_id (digits that start with 4200); give the payment's prepay_id"},
		{"an empty code", []string{"--code", ""}, "flags: code: missing; give a form_id or a prepay_id"},
		{"an empty form", []string{"--type", "form"}, "flags: code: is empty"},
		{"only the prefix", []string{"--code", "prepay_id="}, "flags: code: is empty"},
		{"the future", []string{"--code", "f", "--issued-at", ago(-time.Hour)}, "which is in the future (now is "},
		{"too old", []string{"--code", "f", "--issued-at", "7d"}, "which is too long ago: a form lasts 7 days"},
		{"another type", []string{"--type", "forms", "--code", "f"}, `flags: type: found "forms"; allowed are form, payment and consent`},
		{"a consent to nothing", []string{"--type", "consent"}, "flags: template_id: missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shell{t, s.environ}
			got := s.run("", append([]string{"permit", "add", "mini", "oUser"}, c.flags...)...).exits(exitRefused).says(c.words).prints("")
			if strings.Count(got.err, "\n") != 1 {
				t.Errorf("one mistake, told as\n%s", got.err)
			}
			line := s.add(exitRefused, c.flags...)
			failed, _ := line["error"].(map[string]any)
			if failed["code"] != "invalid" || len(failed["fields"].([]any)) != 1 || line["left"] != 0.0 || line["expires_at"] != nil {
				t.Errorf("told programs %v", line)
			}
			s.wantLeft(0)
		})
	}
	s.run("", "permit", "add", "shop", "oUser", "--code", "f").exits(exitRefused).says("account shop is official, whose messages take consents only")
}

func TestPermitUsage(t *testing.T) {
	s := miniShell(t)
	for _, command := range []string{"add", "list", "remove"} {
		if got := s.run("", "permit", command, "--help").exits(exitOK); !strings.Contains(got.out, "Examples:\n  enqueue permit "+command+" mini") {
			t.Errorf("the help of permit %s has no example:\n%s", command, got.out)
		}
	}
	for _, c := range []struct{ args, words string }{
		{"", "permit add, list or remove is missing"},
		{"ad", `found permit "ad"; write permit add, list or remove`},
		{"add", "found 0 arguments; write enqueue permit add ACCOUNT OPENID, or ACCOUNT --file FILE"},
		{"add mini", "OPENID is missing; name the user, or give --file"},
		{"add mini oUser extra --code f", "found 3 arguments"},
		{"add mini oUser --file f", "found an OPENID beside --file"},
		{"add mini --file f --code f", "found --code beside --file; the file's lines say that"},
		{"add mini --file missing.ndjson", "missing.ndjson: no such file or directory; nothing was done"},
		{"add mini --file=", "--file is empty; name a file, or - for standard input"},
		{"add mini oUser --code f --issued-at tomorrow", `--issued-at found "tomorrow"; write it as 2026-`},
		{"add mini oUser --type consent --template t --count 0", "--count found 0; allowed are 1 to 1000"},
		{"add mini oUser --type consent --template t --count 1001", "--count found 1001; allowed are 1 to 1000"},
		{"add nobody oUser --code f", "no account nobody is known; known are mini (miniprogram), shop (official)"},
		{"add Mini oUser --code f", `found the account "Mini"`},
		{"add mini oUser --kode f", "unknown flag: --kode; see enqueue permit add --help"},
		{"list mini", "found 1 argument; write enqueue permit list ACCOUNT OPENID"},
		{"list nobody oUser", "no account nobody is known"},
		{"remove mini oUser", "give --code of a form or payment, or --template of consents"},
		{"remove mini oUser --code c --template t", "one of the two and not empty"},
		{"remove mini oUser --code c --count 1", "--count is for consents"},
		{"remove mini oUser --template t --count 0", "leave it out to remove all"},
		{"remove mini oUser --code 42000001", "found a transaction_id"},
	} {
		s.run("", append([]string{"permit"}, strings.Fields(c.args)...)...).exits(exitUsage).says(c.words).prints("")
	}
	s.run("", "permit", "list", "mini", "o User").exits(exitUsage).says(`openid: found "o User"; allowed are`)
}

// What waits holds its permit: the list counts neither that nor what is spent,
// and a used code that comes again stays used.
func TestMessagesTakeFromThePool(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.add(exitOK, "--code", "form-late", "--issued-at", "1h")
		p.add(exitOK, "--code", "form-early", "--issued-at", "3h")
		p.add(exitOK, "--code", "wx1", "--issued-at", "2h")
		if permits, _ := p.standing(); strings.Join(permits, ", ") != "form form-early 1, payment wx1 3, form form-late 1" {
			p.t.Errorf("they are taken in the order %q", permits)
		}
		p.run(wxopen("a", ""), "send").exits(exitOK)
		if permits, _ := p.standing(); strings.Join(permits, ", ") != "payment wx1 3, form form-late 1" {
			p.t.Errorf("a message holds the first; left are %q", permits)
		}
		p.run(wxopen("a", ""), "send").exits(exitOK)
		p.wantLeft(4) // the same message holds one
		p.run(wxopen("b", ""), "send").exits(exitOK)
		p.run("", "cancel", "mini", "b").exits(exitOK)
		p.wantLeft(4) // given back

		m := p.decode(wxopen("a", ""))
		p.settle(m, p.begin(m), message.Outcome{State: message.Accepted}, message.Answer{})
		if again := p.add(exitOK, "--code", "form-early"); again["known"] != true || again["left"] != 0.0 {
			p.t.Errorf("a used form, added again: %v", again)
		}
		p.wantLeft(4)
	})
}

func TestARefusalTellsWhatIsLeft(t *testing.T) {
	eachPlant(t, func(p *plant) {
		unpermitted := func(text string, words ...string) {
			p.t.Helper()
			got := p.run(text, "send", "--json").exits(exitRefused).says(words...)
			if line := got.lines()[0]; line["error"].(map[string]any)["code"] != "unpermitted" {
				p.t.Errorf("told %v", line)
			}
		}
		at := func(d time.Duration) string { return `"send_at":"` + ago(-d) + `",` }
		unpermitted(wxopen("none", ""), "no permit of this user lasts until the message is due at ", "enqueue permit add", "nothing is left to the user")
		p.add(exitOK, "--code", "wx1", "--issued-at", "1d")
		ends := "3 uses are left to the user, the last until "
		unpermitted(wxopen("late", at(6*24*time.Hour)), "no permit of this user lasts until", ends)
		unpermitted(strings.Replace(wxopen("named", at(6*24*time.Hour)+`"permit_issued_at":"`+ago(25*time.Hour)+`",`), `"touser"`, `"form_id":"form-1","touser"`, 1),
			"the permit in the body ends before the message is due", "use a newer one, or send earlier", ends)
		p.run(wxopen("in-time", at(5*24*time.Hour)), "send").exits(exitOK)
		p.wantLeft(2)
		for _, id := range []string{"b", "c"} {
			p.run(wxopen(id, ""), "send").exits(exitOK)
		}
		unpermitted(wxopen("d", ""), "nothing is left to the user")
		unpermitted(strings.Replace(wxopen("e", ""), `"touser"`, `"form_id":"wx1","touser"`, 1), "the permit in the body has no use left: a form_id is good for 1 message, a prepay_id for 3")
	})
}

func TestARefundedPayment(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.add(exitOK, "--code", "wx1")
		p.run(wxopen("a", ""), "send").exits(exitOK)
		p.run("", "permit", "remove", "mini", "oUser", "--code", "prepay_id=wx1").exits(exitOK).prints(
			"wx1 is removed; uses that were left of it: 2; a waiting message that holds one takes another of the user's, or ends as unpermitted\n")
		p.wantLeft(0)
		if again := p.add(exitOK, "--code", "wx1"); again["known"] != true || again["left"] != 0.0 {
			p.t.Errorf("added again: %v", again)
		}
		again := p.run("", "permit", "remove", "mini", "oUser", "--code", "wx1", "--json").exits(exitRefused).
			says("this user has no permit wx1: it was never taken in, was removed before, or is over").lines()[0]
		if again["removed"] != false || again["error"].(map[string]any)["code"] != "not_found" {
			p.t.Errorf("removed again: %v", again)
		}
		leave, err := p.ledger.Begin(p.t.Context(), message.Attempt{Run: "r", Message: p.decode(wxopen("a", "")), Created: time.Now(),
			Window: time.Minute, MaxAttempts: 3, Keep: time.Hour, Need: message.Need{Want: message.WantPermit, Enforce: true}})
		if err != nil || leave.Decision == message.Send {
			p.t.Errorf("the message that held it may be sent: %+v, %v", leave, err)
		}
	})
}

func TestConsentsTakenBack(t *testing.T) {
	s := miniShell(t)
	s.add(exitOK, "--type", "consent", "--template", "tpl", "--count", "5")
	s.run("", "permit", "remove", "mini", "oUser", "--template", "tpl", "--count", "2").exits(exitOK).prints("consents to tpl are removed; left: 3\n")
	line := s.run("", "permit", "remove", "mini", "oUser", "--template", "tpl", "--json").exits(exitOK).lines()[0]
	if line["removed"] != true || line["left"] != 0.0 || line["template_id"] != "tpl" {
		t.Errorf("told %v", line)
	}
	s.run("", "permit", "remove", "mini", "oUser", "--template", "tpl").exits(exitOK).
		prints("all consents to tpl are removed, also those that waiting messages hold\n")
	s.run("", "permit", "remove", "mini", "oUser", "--template", "tpl", "--count", "1").exits(exitRefused).
		says("no consent of this user is left for template tpl, so none was removed").prints("")
	s.run("", "permit", "list", "mini", "oUser").exits(exitOK).says("nothing is left to this user of account mini").prints("")
}
