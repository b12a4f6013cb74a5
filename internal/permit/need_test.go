package permit_test

import (
	"reflect"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

func TestWhatEachKindNeeds(t *testing.T) {
	issued := noon.Add(-time.Hour)
	observe, enforce := permit.Policy{LongTerm: []string{"long"}}, permit.Policy{Enforce: true, LongTerm: []string{"long"}}
	consent := message.Need{Want: message.WantConsent}
	enforced := message.Need{Want: message.WantConsent, Enforce: true}
	pool := message.Need{Want: message.WantPermit, Enforce: true}
	named := func(code string, kind message.PermitType, at time.Time) message.Need {
		return message.Need{Want: message.WantPermit, Enforce: true, Code: code, Type: kind, Ends: permit.Ends(at)}
	}
	for _, c := range []struct {
		name   string
		m      message.Message
		policy permit.Policy
		want   message.Need
	}{
		{"template", message.Message{Body: &message.TemplateBody{}}, enforce, message.Need{}},
		{"wxopen without a form", message.Message{Body: &message.WXOpenBody{}}, observe, pool},
		{"wxopen with a form", message.Message{Body: &message.WXOpenBody{FormID: "f1"}}, observe, named("f1", message.FormPermit, noon)},
		{"wxopen with a payment and its time", message.Message{PermitIssuedAt: issued, Body: &message.WXOpenBody{FormID: "wx1"}}, observe,
			named("wx1", message.PaymentPermit, issued)},
		{"uniform to the official account", message.Message{Body: &message.UniformBody{MP: &message.MPPart{}}}, enforce, message.Need{}},
		{"uniform to the mini program", message.Message{Body: &message.UniformBody{Weapp: &message.WeappPart{}}}, observe, pool},
		{"uniform to both", message.Message{Body: &message.UniformBody{Weapp: &message.WeappPart{FormID: "f2"}, MP: &message.MPPart{}}}, observe,
			named("f2", message.FormPermit, noon)},
		{"subscribe, observed", message.Message{Body: &message.SubscribeBody{Template: "t"}}, observe, consent},
		{"subscribe, enforced", message.Message{Body: &message.SubscribeBody{Template: "t"}}, enforce, enforced},
		{"bizsend, enforced", message.Message{Body: &message.BizsendBody{Template: "t"}}, enforce, enforced},
		{"onetime, enforced", message.Message{Body: &message.OnetimeBody{Template: "t"}}, enforce, enforced},
		{"a long-term template needs none", message.Message{Body: &message.SubscribeBody{Template: "long"}}, enforce, message.Need{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := permit.Need(&c.m, noon, c.policy); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
