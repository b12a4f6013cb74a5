package intake_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

func TestStatusFollowsAMessage(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		stands := func(want message.State) *message.Record {
			t.Helper()
			record, err := d.lookup.Status(t.Context(), "shop", "o-1")
			if err != nil {
				t.Fatal(err)
			}
			if record.State != want || record.OpenID != "oUser" || record.TemplateID != "tpl" || record.Kind != message.Template {
				t.Errorf("want %s, got %+v", want, record)
			}
			return record
		}
		m := order(t, "o-1", "paid")
		d.take(m)
		if record := stands(message.Queued); record.CreatedAt.UnixMilli() != d.now.UnixMilli() {
			t.Errorf("created at %s, taken at %s", record.CreatedAt, d.now)
		}
		d.begin(m)
		stands(message.Sending)
		d.settle(m, message.Outcome{State: message.Accepted})
		if record := stands(message.Accepted); record.MsgID != "7001" {
			t.Errorf("msgid %q", record.MsgID)
		}
	})
}

func TestStatusOfWhatNobodyKnows(t *testing.T) {
	d := newDoor(t, redistest.Mini(t))
	for _, account := range []string{"shop", "nobody"} {
		if _, err := d.lookup.Status(t.Context(), account, "o-1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("account %s: %v", account, err)
		}
	}
}

// latecomer has no record at the first look and one at the second.
type latecomer struct{ looks int }

func (l *latecomer) Record(context.Context, string, string) (*message.Record, error) {
	l.looks++
	if l.looks == 1 {
		return nil, &fault.Error{Class: fault.NotFound}
	}
	return &message.Record{ID: "o-1", State: message.Accepted}, nil
}

func (l *latecomer) BatchLanes(context.Context, string) ([]message.Lane, error) { return nil, nil }

func TestMessageThatEndsBetweenTwoLooksIsFound(t *testing.T) {
	d := newDoor(t, redistest.Mini(t))
	lookup := intake.Lookup{Accounts: d.Accounts, Book: &latecomer{}, Waiting: d.lookup.Waiting}
	if record, err := lookup.Status(t.Context(), "shop", "o-1"); err != nil || record.State != message.Accepted {
		t.Errorf("%+v, %v", record, err)
	}
}
