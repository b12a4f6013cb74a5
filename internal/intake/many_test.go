package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

// TestManyAreTakenAsOneByOne: whatever stands in a slice, TakeMany answers and
// leaves behind what a Take of each in order does, also when it comes again.
func TestManyAreTakenAsOneByOne(t *testing.T) {
	for name, twin := range map[string]func(*testing.T) (one, many redis.UniversalClient){
		"miniredis": func(t *testing.T) (redis.UniversalClient, redis.UniversalClient) {
			return redistest.MiniAt(t, now), redistest.MiniAt(t, now)
		},
		"redis-server": func(t *testing.T) (redis.UniversalClient, redis.UniversalClient) {
			return redistest.Client(t, redistest.Server(t)), redistest.Client(t, redistest.Server(t))
		},
	} {
		t.Run(name, func(t *testing.T) {
			one, many := twin(t)
			var met strings.Builder
			for seed := range uint64(20) {
				slice := randomSlice(t, seed)
				singly, together := newWorld(t, one), newWorld(t, many)
				for range 2 {
					want := singly.each(slice)
					met.WriteString(strings.Join(want, "\n"))
					got := together.all(slice)
					for i := range slice {
						if !reflect.DeepEqual(got[i], want[i]) {
							t.Fatalf("seed %d, message %d, %s:\ngot  %s\nwant %s", seed, i, slice[i].Raw, got[i], want[i])
						}
					}
					compareDumps(t, seed, dump(t, many), dump(t, one))
				}
			}
			for _, words := range []string{"other content, which is", "other content; use another", "Duplicate:true", "State:sending Duplicate:true",
				"State:queued Duplicate:false", "is kept from this user", "is over", "at most a year", "no account", "lasts until", "no use left", "made-"} {
				if !strings.Contains(met.String(), words) {
					t.Errorf("no slice met %q", words)
				}
			}
		})
	}
}

// archived is the id of a task that stands archived without a record.
const archived = "template-3"

// world is an intake over a Redis where some things have happened already.
type world struct {
	*door
	client redis.UniversalClient
	made   int
}

func newWorld(t *testing.T, client redis.UniversalClient) *world {
	t.Helper()
	if err := client.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	clock, err := client.Time(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{door: newDoor(t, client), client: client}
	w.now = clock.Truncate(24 * time.Hour)
	w.NewID = func() string { w.made++; return fmt.Sprintf("made-%d", w.made) }
	var grants []permit.Grant
	for user := range 4 {
		for n := range 2 {
			grants = append(grants, permit.Grant{OpenID: openid(user), Type: message.FormPermit, Code: fmt.Sprintf("form-%d-%d", user, n), IssuedAt: w.now.Add(time.Duration(n) * time.Hour)})
		}
	}
	if _, err := w.ledger.AddPermits(t.Context(), "mini", grants); err != nil {
		t.Fatal(err)
	}
	for _, s := range []message.Suppression{{OpenID: openid(5), By: message.ByApp}, {OpenID: openid(4), Template: "tpl", By: message.BySwitchedOff}} {
		for _, account := range []string{"shop", "mini"} {
			if err := w.ledger.Suppress(t.Context(), account, s); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.happened("template-1", "template-2")
	return w
}

// happened lets a message be sent, another be under way, a third be archived
// without a record, and other content wait under the id of a fourth.
func (w *world) happened(sent, underWay string) {
	a, b := letter(w.t, "template", sent, 1, "paid", ""), letter(w.t, "template", underWay, 1, "paid", "")
	w.take(a)
	w.begin(a)
	w.settle(a, message.Outcome{State: message.Accepted})
	w.take(b)
	w.begin(b)
	queue := tasks.NewQueue(w.client)
	for _, m := range []*message.Message{letter(w.t, "template", archived, 1, "paid", ""), letter(w.t, "wxopen", "other", 9, "paid", "")} {
		if _, err := queue.Put(w.t.Context(), m, w.now); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.inspector.ArchiveTask("shop.template", archived); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) each(slice []*message.Message) (said []string) {
	for _, m := range slice {
		result, err := w.Take(w.t.Context(), m)
		said = append(said, words(result, err))
	}
	return said
}

func (w *world) all(slice []*message.Message) (said []string) {
	for _, o := range w.TakeMany(w.t.Context(), slice) {
		said = append(said, words(o.Result, o.Err))
	}
	return said
}

func words(r intake.Result, err error) string { return fmt.Sprintf("%+v %v", r, err) }

func openid(user int) string { return fmt.Sprintf("oUser%d", user) }

// letter is a message of one of the kinds; more is further JSON beside body.
func letter(t *testing.T, kind, id string, user int, value, more string) *message.Message {
	t.Helper()
	account, extra := "mini", ""
	data := fmt.Sprintf(`"data":{"keyword1":{"value":%q}}`, value)
	body := fmt.Sprintf(`"touser":%q,"template_id":"tpl",%s`, openid(user), data)
	switch kind {
	case "template":
		account = "shop"
	case "uniform":
		body = fmt.Sprintf(`"touser":%q,"weapp_template_msg":{"template_id":"tpl",%s}`, openid(user), data)
	case "wxopen":
		if user%2 == 1 && value != "paid" {
			extra = fmt.Sprintf(`,"form_id":"form-%d-%s"`, user, value)
		}
	}
	if id != "" {
		more += fmt.Sprintf(`,"id":%q`, id)
	}
	return decode(t, fmt.Sprintf(`{"account":%q,"kind":%q,"body":{%s%s}%s}`, account, kind, body, extra, more))
}

// randomSlice has few ids, users and contents, so that they meet.
func randomSlice(t *testing.T, seed uint64) []*message.Message {
	r := rand.New(rand.NewPCG(seed, 1))
	kinds := []string{"template", "template", "wxopen", "wxopen", "uniform", "subscribe"}
	more := []string{"", "", "", "", `,"force":true`, `,"expires_at":"2001-01-01T00:00:00Z"`, `,"send_at":"2190-01-01T00:00:00Z"`,
		`,"send_at":` + fmt.Sprintf("%q", time.Now().Add(48*time.Hour).UTC().Format(time.RFC3339)), `,"batch":"spring"`}
	var slice []*message.Message
	for range 60 {
		kind := kinds[r.IntN(len(kinds))]
		id := fmt.Sprintf("%s-%d", kind, r.IntN(20))
		switch r.IntN(20) {
		case 0:
			id = ""
		case 1:
			id, kind = "other", "wxopen"
			slice = append(slice, letter(t, kind, id, 8, "0", ""))
			continue
		}
		if known := id == "template-1" || id == "template-2"; known && r.IntN(2) == 0 {
			slice = append(slice, letter(t, kind, id, 1, "paid", ""))
			continue
		}
		m := letter(t, kind, id, r.IntN(6), []string{"0", "0", "1", "paid"}[r.IntN(4)], more[r.IntN(len(more))])
		if r.IntN(30) == 0 {
			m.Account = "nobody"
		}
		slice = append(slice, m)
	}
	return slice
}

// dump is all that stands in a Redis, without what a clock wrote.
func dump(t *testing.T, client redis.UniversalClient) map[string]string {
	t.Helper()
	ctx, all := t.Context(), map[string]string{}
	for _, key := range client.Keys(ctx, "*").Val() {
		switch kind := client.Type(ctx, key).Val(); kind {
		case "hash":
			fields := client.HGetAll(ctx, key).Val()
			delete(fields, "pending_since")
			if strings.HasPrefix(key, "wxd:") {
				for field := range fields {
					if slices.Contains([]string{"x", "v", "m", "q"}, field) || strings.HasPrefix(field, "ok:") {
						delete(fields, field)
					}
				}
			}
			all[key] = fmt.Sprint(fields)
		case "list":
			ids := client.LRange(ctx, key, 0, -1).Val()
			if slices.Contains(ids, archived) {
				slices.Sort(ids) // what takes an archived task's place comes a trip later
			}
			all[key] = fmt.Sprint(ids)
		case "set":
			all[key] = fmt.Sprint(slices.Sorted(slices.Values(client.SMembers(ctx, key).Val())))
		case "zset":
			all[key] = fmt.Sprint(slices.Sorted(slices.Values(client.ZRange(ctx, key, 0, -1).Val())))
			if strings.Contains(key, ":f:") || strings.HasSuffix(key, ":scheduled") {
				all[key] = fmt.Sprint(client.ZRangeWithScores(ctx, key, 0, -1).Val())
			}
		default:
			all[key] = kind
		}
	}
	return all
}

func compareDumps(t *testing.T, seed uint64, got, want map[string]string) {
	t.Helper()
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("seed %d: only TakeMany left %s = %s", seed, key, got[key])
		}
	}
	for key, content := range want {
		if got[key] != content {
			t.Errorf("seed %d: %s\ngot  %s\nwant %s", seed, key, got[key], content)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// TestAPermitGivenBackIsForTheNext: the first message's id waits with other
// content, so the user's only permit goes to the second.
func TestAPermitGivenBackIsForTheNext(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		if _, err := d.ledger.AddPermits(t.Context(), "mini", []permit.Grant{{OpenID: openid(2), Type: message.FormPermit, Code: "f1", IssuedAt: d.now}}); err != nil {
			t.Fatal(err)
		}
		if _, err := tasks.NewQueue(client).Put(t.Context(), letter(t, "wxopen", "a", 2, "other", ""), d.now); err != nil {
			t.Fatal(err)
		}
		got := d.TakeMany(t.Context(), []*message.Message{letter(t, "wxopen", "a", 2, "1", ""), letter(t, "wxopen", "b", 2, "1", "")})
		if !fault.Is(got[0].Err, fault.Conflict) || got[1].Err != nil || got[1].State != message.Queued {
			t.Errorf("got %+v", got)
		}
	})
}

func TestManyWithoutRedisAreUndecided(t *testing.T) {
	d := newDoor(t, redistest.Mini(t))
	ctx, cancel := context.WithCancel(t.Context())
	first := d.TakeMany(ctx, []*message.Message{order(t, "a", "x")}) // the account is known from now on
	cancel()
	for i, o := range append(first, d.TakeMany(ctx, []*message.Message{order(t, "b", "x"), order(t, "c", "x")})...) {
		if fault.Is(o.Err, fault.Unavailable) != (i > 0) || o.ID == "" {
			t.Errorf("%d: %+v", i, o)
		}
	}
}
