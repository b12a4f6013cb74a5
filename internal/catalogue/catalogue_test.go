package catalogue

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/template"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listed(sort template.Sort, ids ...string) Fetched {
	f := Fetched{Sort: sort}
	for _, id := range ids {
		f.Templates = append(f.Templates, template.Template{ID: id, Sort: sort, Title: "取餐提醒", Content: id + "{{thing1.DATA}}", Type: 2})
	}
	return f
}

func TestWhatAListingBroughtIsKept(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		ctx, c := context.Background(), New(client)
		empty, err := c.Read(ctx, "shop", nil)
		if err != nil || !empty.Tried.IsZero() || empty.Due() || empty.Resting() {
			t.Fatalf("%+v %v", empty, err)
		}
		if err := c.Store(ctx, "shop", []Fetched{listed(template.OfSends, "A", "B"), listed(template.OfConsents, "A")}); err != nil {
			t.Fatal(err)
		}
		first, err := c.Read(ctx, "shop", empty)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := first.Find(template.OfSends, "B"); !ok || got != listed(template.OfSends, "B").Templates[0] {
			t.Errorf("got %+v", got)
		}
		if _, ok := first.Find(template.OfForms, "A"); ok {
			t.Error("a template of another list was found")
		}
		if !first.Resting() || first.Due() {
			t.Error("just read, and read anew")
		}
		// One list fails, the other has lost a template.
		if err := c.Store(ctx, "shop", []Fetched{{Sort: template.OfSends, Err: errors.New("wechat.templates: no permission (errcode 48001)")}, listed(template.OfConsents, "C")}); err != nil {
			t.Fatal(err)
		}
		second, err := c.Read(ctx, "shop", first)
		if err != nil {
			t.Fatal(err)
		}
		_, kept := second.Find(template.OfSends, "A")
		_, gone := second.Find(template.OfConsents, "A")
		_, fresh := second.Any("C")
		if !kept || gone || !fresh {
			t.Errorf("kept %v, gone still there %v, new there %v", kept, gone, fresh)
		}
		if l := second.Lists[template.OfSends]; l.Read.IsZero() || !strings.Contains(l.Trouble, "48001") {
			t.Errorf("the failing list: %+v", l)
		}
	})
}

func TestWhenListsAreReadAnew(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	read := func(d time.Duration) map[template.Sort]List {
		return map[template.Sort]List{template.OfSends: {Read: ago(d)}}
	}
	tests := []struct {
		name string
		set  Set
		due  bool
	}{
		{"nobody asked", Set{}, false},
		{"the first mark", Set{Asked: ago(0)}, true},
		{"a mark while WeChat is left alone", Set{Asked: ago(0), Tried: ago(4 * time.Minute)}, false},
		{"a mark after that", Set{Asked: ago(0), Tried: ago(Rest)}, true},
		{"a mark that was answered", Set{Asked: ago(time.Hour), Tried: ago(30 * time.Minute), Lists: read(30 * time.Minute)}, false},
		{"a day old", Set{Asked: ago(48 * time.Hour), Tried: ago(Daily), Lists: read(Daily)}, true},
		{"a day old, and it failed just now", Set{Asked: ago(48 * time.Hour), Tried: ago(time.Minute), Lists: read(Daily)}, false},
		{"never read well, and nobody asks", Set{Asked: ago(48 * time.Hour), Tried: ago(47 * time.Hour), Lists: map[template.Sort]List{template.OfSends: {Trouble: "x"}}}, false},
	}
	for _, tt := range tests {
		if tt.set.Now = now; tt.set.Due() != tt.due {
			t.Errorf("%s: due %v, want %v", tt.name, tt.set.Due(), tt.due)
		}
	}
}

// source lists what it is told to, and counts.
type source struct {
	calls atomic.Int32
	lists []Fetched
}

func (s *source) Lists(context.Context) []Fetched {
	s.calls.Add(1)
	return s.lists
}

func keep(t *testing.T, client redis.UniversalClient, s Source) {
	t.Helper()
	k := NewKeeper(KeeperOptions{Account: "shop", Catalogue: New(client), Source: s, Log: slog.New(slog.DiscardHandler),
		Claim: func(ctx context.Context, what string, d time.Duration) (bool, error) {
			return client.SetNX(ctx, keys.Claim("shop", what), 1, d).Result()
		}})
	k.Start()
	t.Cleanup(k.Stop)
}

// Who misses a template waits for the listing of whoever has the secret; of two
// keepers one lists.
func TestWhoMissesATemplateGetsAListing(t *testing.T) {
	client := redistest.Mini(t)
	s := &source{lists: []Fetched{listed(template.OfSends, "A")}}
	keep(t, client, s)
	keep(t, client, s)
	ctx, copies := context.Background(), Copied(New(client), time.Now)
	set, err := copies.Look(ctx, "shop")
	if err != nil {
		t.Fatal(err)
	}
	set, err = copies.Missed(ctx, "shop", set, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := set.Find(template.OfSends, "A"); !ok || s.calls.Load() != 1 {
		t.Errorf("found %v after %d listings", ok, s.calls.Load())
	}
	// Another that is missed right after does not ask again.
	again, err := copies.Missed(ctx, "shop", set, true)
	if err != nil || again != set {
		t.Errorf("missed again: %v", err)
	}
}

// Without anybody who lists the wait ends, and is not waited again.
func TestAWaitInVainIsNotRepeated(t *testing.T) {
	client := redistest.Mini(t)
	ctx, copies := context.Background(), Copied(New(client), time.Now)
	set, err := copies.Look(ctx, "shop")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := copies.Missed(ctx, "shop", set, true); err != nil {
		t.Fatal(err)
	}
	if ask, wait := copies.of("shop").misses(time.Now(), true); ask || wait {
		t.Errorf("asks again %v, waits again %v", ask, wait)
	}
	if set, err = New(client).Read(ctx, "shop", nil); err != nil || !set.Due() {
		t.Errorf("the mark was lost: %v", err)
	}
}

func TestParksAreTold(t *testing.T) {
	client := redistest.Mini(t)
	ctx := context.Background()
	client.HSet(ctx, keys.TemplateParks("shop"), "A", `1764150000000 {"by":"wechat","errcode":43116,"rid":"a-b-c"}`, "B", "nonsense")
	set, err := New(client).Read(ctx, "shop", nil)
	if err != nil || len(set.Parks) != 1 || set.Parks["A"].ErrCode != 43116 || set.Parks["A"].Since.IsZero() {
		t.Errorf("%+v %v", set.Parks, err)
	}
}
