package intake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

func (d *door) wishes() intake.Suppressor {
	return intake.Suppressor{Accounts: d.Accounts, Wishes: d.ledger, Now: time.Now}
}

func wish(t *testing.T, id, force string) *message.Message {
	t.Helper()
	m, err := message.Decode([]byte(`{"id":"` + id + `","account":"shop","kind":"template"` + force + `,"body":{"touser":"oUser","template_id":"tpl","data":{"k":{"value":"v"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWhoWantsNoMoreIsToldAtTheDoor(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		d.take(wish(t, "before", ""))
		s := message.Suppression{OpenID: "oUser", Template: "tpl", Until: time.Now().Add(time.Hour), By: message.ByApp, Replace: true}
		if err := d.wishes().Suppress(t.Context(), "shop", s); err != nil {
			t.Fatal(err)
		}
		_, err := d.Take(t.Context(), wish(t, "after", ""))
		if !fault.Is(err, fault.Suppressed) || !strings.Contains(err.Error(), "enqueue suppress remove") || !strings.Contains(err.Error(), "this template") {
			t.Errorf("%v", err)
		}
		d.take(wish(t, "forced", `,"force":true`))
		if err := d.wishes().Lift(t.Context(), "shop", "oUser", "tpl"); err != nil {
			t.Fatal(err)
		}
		d.take(wish(t, "after", ""))
		if err := d.wishes().Lift(t.Context(), "shop", "oUser", "tpl"); !fault.Is(err, fault.NotFound) {
			t.Errorf("lifted twice: %v", err)
		}
	})
}

func TestMistakesInSuppressions(t *testing.T) {
	d := newDoor(t, redistest.Mini(t))
	good := message.Suppression{OpenID: "oUser"}
	if err := d.wishes().Suppress(t.Context(), "nobody", good); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	for _, s := range []message.Suppression{{}, {OpenID: "o U"}, {OpenID: "oU", Template: "a b"}, {OpenID: "oU", Until: time.Now().Add(-time.Second)}} {
		if err := d.wishes().Suppress(t.Context(), "shop", s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, err := d.wishes().List(t.Context(), "shop", "o U"); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
}
