package intake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/catalogue"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/template"
)

// checkingDoor is a door that checks as an account says, with a list in Redis
// that holds one template, read a moment ago.
func checkingDoor(t *testing.T, check string, lists ...catalogue.Fetched) *door {
	client := redistest.Mini(t)
	d := newDoor(t, client)
	d.Accounts = registry.New(client, registry.Account{Name: "shop", Type: message.Official, TemplateCheck: check})
	book := catalogue.New(client)
	if len(lists) > 0 {
		if err := book.Store(t.Context(), "shop", lists); err != nil {
			t.Fatal(err)
		}
	}
	d.Templates = catalogue.Copied(book, time.Now)
	return d
}

var coffee = catalogue.Fetched{Sort: template.OfSends, Templates: []template.Template{
	{ID: "tpl", Sort: template.OfSends, Title: "取餐提醒", Content: "餐品:{{thing1.DATA}}\n时间:{{time2.DATA}}"}}}

func meal(t *testing.T, id, templateID, data string) *message.Message {
	t.Helper()
	return decode(t, fmt.Sprintf(`{"id":%q,"account":"shop","kind":"template","body":{"touser":"oUser","template_id":%q,"url":"https://example.com","data":{%s}}}`, id, templateID, data))
}

const (
	fits    = `"thing1":{"value":"咖啡"},"time2":{"value":"15:01"}`
	misfits = `"thing1":{"value":"咖啡"},"time9":{"value":"尽快"}`
)

func lines(fields []fault.Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, f.String())
	}
	return strings.Join(all, "\n")
}

// refusal is the words of an error, which must be of class Invalid.
func refusal(t *testing.T, err error) string {
	t.Helper()
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("got %v, want class invalid", err)
	}
	return err.Error()
}

func TestAStrictAccountRefusesWhatDoesNotFit(t *testing.T) {
	d := checkingDoor(t, "strict", coffee)
	if got := d.take(meal(t, "fits", "tpl", fits)); got.State != message.Queued || len(got.Warnings) != 0 {
		t.Errorf("a good one: %+v", got)
	}
	_, err := d.Take(t.Context(), meal(t, "misfits", "tpl", misfits))
	told := refusal(t, err)
	for _, want := range []string{"body.data.time2: missing", "body.data.time9: the template has no such placeholder; it has thing1, time2"} {
		if !strings.Contains(told, want) {
			t.Errorf("got %s, want %q in it", told, want)
		}
	}
	_, err = d.Take(t.Context(), meal(t, "unknown", "other", fits))
	if told := refusal(t, err); !strings.Contains(told, "body.template_id: the account has no such template of sort template") {
		t.Errorf("got %s", told)
	}
	if n := d.tasks("shop.template"); n != 1 {
		t.Errorf("%d tasks wait; want 1", n)
	}
}

// What was taken before the check was there is answered as known.
func TestAMessageThatIsKnownIsNotCheckedAgain(t *testing.T) {
	d := checkingDoor(t, "strict", coffee)
	m := meal(t, "known", "tpl", misfits)
	d.begin(m)
	if got := d.take(m); !got.Duplicate || got.State != message.Sending {
		t.Errorf("%+v", got)
	}
}

func TestAnAccountThatWarnsTakesAndTells(t *testing.T) {
	d := checkingDoor(t, "", coffee)
	got := d.take(meal(t, "misfits", "tpl", misfits))
	if told := lines(got.Warnings); got.State != message.Queued || !strings.Contains(told, "body.data.time2: missing") {
		t.Errorf("%s %s", got.State, told)
	}
	if told := lines(d.take(meal(t, "unknown", "other", fits)).Warnings); !strings.Contains(told, "no such template") {
		t.Errorf("an unknown template: %q", told)
	}
	bare := decode(t, `{"id":"bare","account":"shop","kind":"template","body":{"touser":"oUser","template_id":"tpl","data":{"first":{"value":"您好"},`+fits+`}}}`)
	if told := lines(d.take(bare).Warnings); !strings.Contains(told, "body.data.first: WeChat shows it no more") || !strings.Contains(told, "body.url: neither url nor miniprogram") {
		t.Errorf("what WeChat drops: %q", told)
	}
}

func TestAnAccountThatIsOffChecksNothing(t *testing.T) {
	d := checkingDoor(t, "off", coffee)
	if got := d.take(meal(t, "misfits", "other", misfits)); got.State != message.Queued || len(got.Warnings) != 0 {
		t.Errorf("%+v", got)
	}
}

// Templates that nobody can read refuse nothing.
func TestWhatCannotBeReadIsTakenWithAWarning(t *testing.T) {
	d := checkingDoor(t, "strict", catalogue.Fetched{Sort: template.OfSends, Err: &fault.Error{Op: "wechat.templates", Class: fault.Account, Code: 48001, Message: "api unauthorized"}})
	got := d.take(meal(t, "unread", "tpl", misfits))
	if told := lines(got.Warnings); got.State != message.Queued || !strings.Contains(told, "body.template_id: not checked: the account's templates cannot be read: ") || !strings.Contains(told, "48001") {
		t.Errorf("%s %s", got.State, told)
	}
}

// A strict account waits for the listing that its unknown template causes.
func TestATemplateThatIsNewIsFound(t *testing.T) {
	client := redistest.Mini(t)
	d := newDoor(t, client)
	d.Accounts = registry.New(client, registry.Account{Name: "shop", Type: message.Official, TemplateCheck: "strict"})
	book := catalogue.New(client)
	d.Templates = catalogue.Copied(book, time.Now)
	stop := make(chan struct{})
	defer close(stop)
	stored := make(chan error, 1)
	go func() { // who has the secret
		for {
			set, err := book.Read(context.Background(), "shop", nil)
			if err == nil && set.Due() {
				stored <- book.Store(context.Background(), "shop", []catalogue.Fetched{coffee})
				return
			}
			select {
			case <-stop:
				stored <- nil
				return
			default:
			}
		}
	}()
	if _, err := d.Take(t.Context(), meal(t, "new", "tpl", misfits)); !strings.Contains(refusal(t, err), "time2: missing") {
		t.Errorf("got %v", err)
	}
	if err := <-stored; err != nil {
		t.Fatal(err)
	}
}

func TestAParkedTemplateIsRefused(t *testing.T) {
	d := checkingDoor(t, "off", coffee)
	known := meal(t, "known", "tpl", fits)
	d.begin(known)
	if _, err := d.ledger.ParkTemplate(t.Context(), "shop", "tpl", ledger.ParkInfo{By: "wechat", ErrCode: 43116, RID: "a-b-c"}); err != nil {
		t.Fatal(err)
	}
	_, err := d.Take(t.Context(), meal(t, "new", "tpl", fits))
	if !fault.Is(err, fault.Parked) || !strings.Contains(err.Error(), "WeChat banned it (errcode 43116, rid a-b-c)") || !strings.Contains(err.Error(), "enqueue template unpark") {
		t.Errorf("got %v", err)
	}
	if got := d.take(known); !got.Duplicate {
		t.Errorf("a known one: %+v", got)
	}
	if got := d.take(meal(t, "other", "another", fits)); got.State != message.Queued {
		t.Errorf("another template: %+v", got)
	}
}
