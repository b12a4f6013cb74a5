package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// expire ends a message badly in one trip.
func (d *desk) expire(id string) {
	d.t.Helper()
	m := *d.m
	m.ID, d.ask.Message, d.ask.Deadline = id, &m, time.UnixMilli(1)
	d.want("an expired message", d.begin("r").Decision, message.Ended)
}

// expireAll ends n messages so, e0000 and on, some at a time.
func (d *desk) expireAll(n int) {
	d.t.Helper()
	const hands = 32
	var all sync.WaitGroup
	for first := range hands {
		all.Go(func() {
			for i := first; i < n; i += hands {
				m, ask := *d.m, d.ask
				m.ID = fmt.Sprintf("e%04d", i)
				ask.Run, ask.Message, ask.Deadline = "r", &m, time.UnixMilli(1)
				if leave, err := d.ledger.Begin(context.Background(), ask); err != nil || leave.Decision != message.Ended {
					d.t.Errorf("%s: %+v, %v", m.ID, leave, err)
				}
			}
		})
	}
	all.Wait()
}

func (d *desk) list(f ledger.Filter) (ids []string) {
	d.t.Helper()
	for rec, err := range d.ledger.Ends(d.t.Context(), "shop", f) {
		if err != nil {
			d.t.Fatal(err)
		}
		ids = append(ids, rec.ID)
	}
	return ids
}

// TestEndsPagesOverEqualTimes: 3,000 ends, of which ever 1,100 share a time,
// more than a page; each comes once, in order of time.
func TestEndsPagesOverEqualTimes(t *testing.T) {
	const n, same = 3000, 1100
	client := redistest.Client(t, redistest.Server(t))
	d := newDesk(t, client)
	d.expireAll(n)
	score := func(i int) float64 { return float64(time.Now().UnixMilli() - 60_000 + int64(i/same)) }
	pipe := client.Pipeline()
	for i := range n {
		pipe.ZAdd(t.Context(), "wxd:{shop}:ends", redis.Z{Score: score(i), Member: fmt.Sprintf("e%04d", i)})
	}
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, seen := d.list(ledger.Filter{}), map[string]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	d.want("ends listed", len(ids), n)
	d.want("different ends", len(seen), n)
	d.want("the oldest", ids[0], "e0000")
	d.want("the newest", ids[n-1], "e2999")

	t.Run("a caller that stops gets no more", func(t *testing.T) {
		got := 0
		for range d.ledger.Ends(t.Context(), "shop", ledger.Filter{}) {
			if got++; got == 700 {
				break
			}
		}
		d.want("ends", got, 700)
	})
	t.Run("what is replayed meanwhile is not listed twice, and hides nothing", func(t *testing.T) {
		seen := map[string]bool{}
		for rec, err := range d.ledger.Ends(t.Context(), "shop", ledger.Filter{}) {
			if err != nil || seen[rec.ID] {
				t.Fatalf("got %s twice, or %v", rec.ID, err)
			}
			seen[rec.ID] = true
			if _, err := d.ledger.Replay(t.Context(), "shop", rec.ID, rec.Life, time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}
		d.want("ends", len(seen), n)
		d.want("ends afterwards", len(d.list(ledger.Filter{})), 0)
	})
}

// TestEndsWhoseKeepIsOver: the record went, so its place in the index goes.
func TestEndsWhoseKeepIsOver(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		const n = 1200
		d.expireAll(n)
		for i := range n - 1 {
			client.Del(t.Context(), fmt.Sprintf("wxd:{shop}:m:e%04d", i))
		}
		d.want("ends", d.list(ledger.Filter{}), []string{"e1199"})
		counts, err := d.ledger.Count(t.Context(), "shop")
		if err != nil {
			t.Fatal(err)
		}
		d.want("counted", counts.Bad, 1)
	})
}

func TestAnEndForgetsThoseBeforeItsKeep(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.expire("new")
		client.ZAdd(t.Context(), "wxd:{shop}:ends", redis.Z{Score: float64(time.Now().Add(-d.ask.Keep - time.Minute).UnixMilli()), Member: "old"})
		d.expire("newer")
		names, err := client.ZRange(t.Context(), "wxd:{shop}:ends", 0, -1).Result()
		if err != nil {
			t.Fatal(err)
		}
		d.want("the index", names, []string{"new", "newer"})
	})
}

func TestEndsFilters(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		with := func(id string, kind message.Kind, template, batch string) *desk {
			e := *d
			e.m = &message.Message{ID: id, Account: "shop", Kind: kind, Digest: id, Batch: batch,
				Body: &message.TemplateBody{ToUser: "oUser", Template: template}}
			e.ask.Message = e.m
			e.begin("r")
			return &e
		}
		with("refused", message.Template, "t1", "b1").refused("r")
		with("other", message.Bizsend, "t2", "").refused("r")
		with("doubt", message.Template, "t1", "b2").settle("r", message.Answer{Class: fault.Unanswered}, doubtOutcome, doubtOutcome)
		with("good", message.Template, "t1", "b1").ok("r")
		code, none := 40003, 0
		for _, c := range []struct {
			name   string
			filter ledger.Filter
			want   []string
		}{
			{"all", ledger.Filter{}, []string{"refused", "other", "doubt"}},
			{"state", ledger.Filter{State: message.Refused}, []string{"refused", "other"}},
			{"in doubt", ledger.Filter{State: message.InDoubt}, []string{"doubt"}},
			{"a state that is no bad end", ledger.Filter{State: message.Accepted}, nil},
			{"kind", ledger.Filter{Kind: message.Bizsend}, []string{"other"}},
			{"errcode", ledger.Filter{ErrCode: &code}, []string{"refused", "other"}},
			{"no errcode", ledger.Filter{ErrCode: &none}, []string{"doubt"}},
			{"template", ledger.Filter{Template: "t2"}, []string{"other"}},
			{"batch", ledger.Filter{Batch: "b1"}, []string{"refused"}},
			{"two at once", ledger.Filter{State: message.Refused, Template: "t1"}, []string{"refused"}},
			{"since long ago", ledger.Filter{Since: time.Now().Add(-time.Hour)}, []string{"refused", "other", "doubt"}},
			{"since later", ledger.Filter{Since: time.Now().Add(time.Hour)}, nil},
			{"until long ago", ledger.Filter{Until: time.Now().Add(-time.Hour)}, nil},
		} {
			got := map[string]bool{}
			for _, id := range d.list(c.filter) {
				got[id] = true
			}
			want := map[string]bool{}
			for _, id := range c.want {
				want[id] = true
			}
			d.want(c.name, got, want) // within a millisecond the order is not said
		}
	})
}

func TestFindByOpenID(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d, now := newDesk(t, client), time.Now()
		for i, days := range []int{0, 1, 3, 9} {
			d.m.ID, d.ask.Created = fmt.Sprint("m", i), now.Add(-time.Duration(days)*24*time.Hour)
			d.begin("r")
		}
		other := newDesk(t, client)
		other.m.ID, other.m.Body = "theirs", &message.TemplateBody{ToUser: "oOther", Template: "tpl"}
		other.begin("r")
		for since, want := range map[time.Duration]string{
			time.Hour: "[m0]", 4 * 24 * time.Hour: "[m0 m1 m2]", 30 * 24 * time.Hour: "[m0 m1 m2 m3]",
		} {
			records, err := d.ledger.Find(t.Context(), "shop", "oUser", now.Add(-since), now)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, rec := range records {
				ids = append(ids, rec.ID)
			}
			d.want(fmt.Sprint("found since ", since, ", newest first"), ids, want)
		}
	})
}

// TestAShortMessageDoesNotShortenTheIndex: two messages of a day share a hash;
// it lives as long as the one with the later deadline.
func TestAShortMessageDoesNotShortenTheIndex(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		lives := func() time.Duration {
			names, err := redistest.Keys(t.Context(), client, "wxd:{shop}:u:*")
			if err != nil || len(names) != 1 {
				t.Fatalf("index hashes: got %v, %v, want one", names, err)
			}
			return client.PTTL(t.Context(), names[0]).Val()
		}
		d.ask.Deadline = time.Now().Add(30 * 24 * time.Hour)
		d.begin("r")
		d.m.ID, d.ask.Deadline = "short", time.Now().Add(time.Hour)
		d.begin("r")
		if left := lives(); left < 30*24*time.Hour {
			t.Fatalf("the index lives %v, want as long as the first message's record may, over 30 days", left)
		}
		d.m.ID, d.ask.Deadline = "long", time.Now().Add(60*24*time.Hour)
		d.begin("r")
		if left := lives(); left < 60*24*time.Hour {
			t.Fatalf("the index lives %v, want over 60 days", left)
		}
	})
}

func TestByMsgID(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r")
		d.ok("r")
		for _, c := range []struct {
			what, msgid, want string
			now               time.Time
		}{
			{"at once", "3557254367693750277", "order-1", time.Now()},
			{"23 hours later", "3557254367693750277", "order-1", time.Now().Add(23 * time.Hour)},
			{"two days later", "3557254367693750277", "", time.Now().Add(48 * time.Hour)},
			{"its neighbour, which is the same as a float", "3557254367693750276", "", time.Now()},
		} {
			id, err := d.ledger.ByMsgID(t.Context(), "shop", c.msgid, c.now)
			if err != nil {
				t.Fatal(err)
			}
			d.want(c.what, id, c.want)
		}
	})
}

func TestOverdueAndDue(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		for i, window := range []time.Duration{time.Hour, 0, 0} {
			d.m.ID, d.ask.Window = fmt.Sprint("s", i), window
			d.begin("r")
		}
		for i, after := range []time.Duration{time.Hour, 0, 0} {
			d.m.ID = fmt.Sprint("w", i)
			d.begin("r")
			again := message.Outcome{State: message.Waiting, Reason: "busy", After: after}
			d.settle("r", message.Answer{Class: fault.Busy}, again, again)
		}
		for _, c := range []struct {
			what string
			ask  func(context.Context, string, int64) ([]string, error)
			most int64
			want string
		}{
			{"overdue", d.ledger.Overdue, 10, "[s1 s2]"}, {"the longest overdue", d.ledger.Overdue, 1, "[s1]"},
			{"due", d.ledger.Due, 10, "[w1 w2]"}, {"the longest due", d.ledger.Due, 1, "[w1]"},
		} {
			ids, err := c.ask(t.Context(), "shop", c.most)
			if err != nil {
				t.Fatal(err)
			}
			d.want(c.what, ids, c.want)
		}
		counts, err := d.ledger.Count(t.Context(), "shop")
		if err != nil {
			t.Fatal(err)
		}
		d.want("waiting", counts.Waiting, 3)
	})
}

func TestListsSayWhenRedisIsAway(t *testing.T) {
	client := redistest.Mini(t)
	l := ledger.New(client)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range l.Ends(ctx, "shop", ledger.Filter{}) {
		if !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want class unavailable around the cancelled context", err)
		}
	}
}

func TestParksAreTold(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		if parks, _, err := d.ledger.Parks(t.Context(), "shop"); err != nil || len(parks) != 0 {
			t.Fatalf("nothing is parked: got %v, %v", parks, err)
		}
		d.begin("r1")
		_, err := d.ledger.Settle(t.Context(), message.Settlement{
			Run: "r1", Message: d.m, Answer: message.Answer{Class: fault.Daily, Code: 45009}, Keep: time.Hour,
			Clear: waitingOutcome, Doubt: waitingOutcome, Park: &message.Park{Scope: message.ScopeKind, Reason: "daily", For: time.Hour},
		})
		if err != nil {
			t.Fatal(err)
		}
		parks, _, err := d.ledger.Parks(t.Context(), "shop")
		if err != nil || len(parks) != 1 || parks[0].Kind != message.Template || parks[0].Reason != "daily" ||
			parks[0].Next.Sub(parks[0].Since) != time.Hour {
			t.Fatalf("got %+v, %v, want kind template parked for an hour, daily", parks, err)
		}
	})
}

// Pages of any size bring each end once, in order, also where more than a page
// share a time and where little is picked.
func TestEndsPageByPage(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		const n = 1300
		d := newDesk(t, client)
		at, pipe := float64(time.Now().UnixMilli()-60_000), client.Pipeline()
		d.expireAll(n)
		for i := range n {
			pipe.ZAdd(t.Context(), "wxd:{shop}:ends", redis.Z{Score: at + float64(i/600), Member: fmt.Sprintf("e%04d", i)})
		}
		if _, err := pipe.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, most := range []int{7, 500, 1000} {
			var ids []string
			for from, more := (ledger.Place{}), true; more; {
				page, err := d.ledger.EndsPage(t.Context(), "shop", ledger.Filter{}, from, most)
				if err != nil || len(page.Records) > most {
					t.Fatalf("%d records, %v", len(page.Records), err)
				}
				for _, r := range page.Records {
					ids = append(ids, r.ID)
				}
				from, more = page.Next, page.More
			}
			d.want("ends", len(ids), n)
			d.want("in order", slices.IsSorted(ids), true)
		}
		none, err := d.ledger.EndsPage(t.Context(), "shop", ledger.Filter{Batch: "autumn"}, ledger.Place{}, 10)
		if err != nil || len(none.Records) > 0 || none.More || none.Next.ID != "e1299" {
			t.Errorf("%+v, %v", none, err)
		}
		late, err := d.ledger.EndsPage(t.Context(), "shop", ledger.Filter{}, ledger.Place{At: int64(at) + 2, ID: "e1298"}, 10)
		if err != nil || len(late.Records) != 1 || late.More {
			t.Errorf("%+v, %v", late, err)
		}
	})
}
