package ledger_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// keep is longer than any time that a game lets pass.
const keep = 365 * 24 * time.Hour

// game plays one message at the ledger and in the model, side by side.
type game struct {
	client  redis.UniversalClient
	ledger  *ledger.Ledger
	clock   *miniredis.Miniredis // nil: a real Redis, whose time cannot be moved
	m       *message.Message
	created time.Time
	now     int64 // Redis's clock as far as it shows in the record
	model   *model
	before  sight
	holder  string // the run that was told to send and has not settled
	until   int64  // the end of its window
}

// sight is what stands in Redis after a step.
type sight struct {
	fields                         map[string]string
	sending, waiting, doubts, ends bool
	events                         int
	lastEvent                      string
	parks                          map[string]string
	counted                        map[string]string // the batch, whose counts begin with e:
}

// newGame is a game in which WeChat has been away for the last bad attempts.
func newGame(client redis.UniversalClient, clock *miniredis.Miniredis, account string, bad int) *game {
	g := &game{client: client, ledger: ledger.New(client), clock: clock, model: newModel(clock != nil), created: time.Now()}
	g.m = &message.Message{ID: "m", Account: account, Kind: message.Template, Digest: "d", Batch: "spring",
		Body: &message.TemplateBody{ToUser: "oUser", Template: "tpl"}}
	if clock != nil {
		g.now = g.created.UnixMilli()
		clock.SetTime(g.created)
	}
	g.model.bad = bad
	client.HSet(context.Background(), g.key("park"), "n:template", bad)
	client.HSet(context.Background(), g.key("b:spring"), "s", "running")
	return g
}

func (g *game) key(rest string) string { return "wxd:{" + g.m.Account + "}:" + rest }

// pass moves the clock where it can be moved.
func (g *game) pass(d time.Duration) {
	if g.clock != nil {
		g.now += d.Milliseconds()
		g.clock.SetTime(time.UnixMilli(g.now))
	}
}

// step plays one pace and tells where the ledger and the model part.
func (g *game) step(p pace) error {
	if g.clock != nil {
		g.pass(time.Millisecond) // so that no two steps share a time
	}
	got, err := g.play(p)
	if err != nil {
		return err
	}
	after, err := g.look()
	if err != nil {
		return err
	}
	if g.clock == nil {
		changed, _ := strconv.ParseInt(after.fields["m"], 10, 64)
		g.now = max(g.now, changed)
	}
	want := g.foretell(p)
	if got != want {
		return fmt.Errorf("the ledger answers %+v, the model %+v", got, want)
	}
	if err := g.compare(after); err != nil {
		return err
	}
	if err := g.alone(p, got, after); err != nil {
		return err
	}
	err = lawful(p, g.before, after)
	g.before = after
	return err
}

// alone: while a run may be calling, no other is told to send.
func (g *game) alone(p pace, got answer, after sight) error {
	switch {
	case p.what == "settle" && p.run == g.holder, after.state().Final():
		g.holder = ""
	case got.Decision == message.Send && p.run != g.holder:
		if g.holder != "" && g.until > g.now {
			return fmt.Errorf("%s is told to send while %s may", p.run, g.holder)
		}
		g.holder, g.until = p.run, g.now+p.ask.Window.Milliseconds()
	}
	return nil
}

func (g *game) look() (sight, error) {
	ctx, pipe := context.Background(), g.client.Pipeline()
	record, parks := pipe.HGetAll(ctx, g.key("m:m")), pipe.HGetAll(ctx, g.key("park"))
	batch := pipe.HGetAll(ctx, g.key("b:spring"))
	sets := make([]*redis.FloatCmd, 0, 4)
	for _, name := range []string{"sending", "waiting", "doubts", "ends"} {
		sets = append(sets, pipe.ZScore(ctx, g.key(name), "m"))
	}
	events, last := pipe.XLen(ctx, g.key("events")), pipe.XRevRangeN(ctx, g.key("events"), "+", "-", 1)
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return sight{}, err
	}
	in := func(i int) bool { return sets[i].Err() == nil }
	s := sight{fields: record.Val(), sending: in(0), waiting: in(1), doubts: in(2), ends: in(3), events: int(events.Val()), parks: parks.Val(), counted: batch.Val()}
	for _, entry := range last.Val() {
		s.lastEvent = fmt.Sprint(entry.Values["state"])
	}
	return s, nil
}

// open are the runs whose attempts are unanswered.
func (s sight) open() (runs []string) {
	for field := range s.fields {
		if strings.HasPrefix(field, "y") {
			runs = append(runs, field[1:])
		}
	}
	slices.Sort(runs)
	return runs
}

func (s sight) state() message.State { return message.State(s.fields["s"]) }

func (s sight) number(field string) int {
	n, _ := strconv.Atoi(s.fields[field])
	return n
}

// compare holds what stands in Redis against the model.
func (g *game) compare(s sight) error {
	m := g.model
	last := message.State("")
	if len(m.events) > 0 {
		last = m.events[len(m.events)-1]
	}
	parks := map[string]string{}
	for scope, p := range m.parks {
		parks[scope] = fmt.Sprintf("%d %d %d %s", p.until, p.since, p.tries, p.reason)
	}
	bad := s.parks["n:template"]
	maps.DeleteFunc(s.parks, func(field, _ string) bool { return strings.Contains(field, ":") }) // counts, and what is told of parks
	counts := map[string]string{"s": "running"}
	if m.state.Final() {
		counts["e:"+string(m.state)] = "1"
	}
	maps.DeleteFunc(s.counted, func(_, n string) bool { return n == "0" })
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"the batch's counts", fmt.Sprint(s.counted), fmt.Sprint(counts)},
		{"state", s.state(), m.state},
		{"reason", s.fields["z"], m.reason},
		{"attempts", s.number("n"), m.attempts},
		{"life", max(1, s.number("l")), m.life},
		{"dead runs", s.number("o"), m.died},
		{"duplicates", s.number("p"), m.duplicates},
		{"open attempts", s.open(), slices.Sorted(maps.Keys(m.open))},
		{"among the sending", s.sending, m.state == message.Sending},
		{"among the waiting", s.waiting, m.state == message.Waiting},
		{"among the doubts", s.doubts, m.state == message.InDoubt},
		{"among the bad ends", s.ends, m.state.Final() && !quiet(m.state)},
		{"events", s.events, len(m.events)},
		{"last event", s.lastEvent, string(last)},
		{"parks", s.parks, parks},
		{"bad signs in a row", cmp.Or(bad, "0"), m.bad},
	} {
		if fmt.Sprint(c.got) != fmt.Sprint(c.want) {
			return fmt.Errorf("%s: the ledger has %v, the model %v", c.what, c.got, c.want)
		}
	}
	return nil
}

// lawful holds a step against what must hold whatever the model says.
func lawful(p pace, before, after sight) error {
	from, to := before.state(), after.state()
	person := p.what == "resolve" || p.what == "replay"
	switch {
	case from.Final() && to != from && !person && p.what != "receipt" && !(from == message.InDoubt && p.what == "settle" && p.word.name == "ok"):
		return fmt.Errorf("%s left its final state for %s", from, to)
	case len(before.open()) > 0 && to.Final() && to != message.InDoubt && !person && p.what != "receipt" && !endsDoubt(p):
		return fmt.Errorf("a doubt was ended as %s", to)
	case to == message.Sending && from == message.Sending && before.fields["r"] != after.fields["r"] && !slices.Contains(after.open(), before.fields["r"]):
		return fmt.Errorf("the attempt of %s was forgotten", before.fields["r"])
	case to.Final() == (after.fields["r"] != ""):
		if to.Final() {
			return fmt.Errorf("%s is held by a run", to)
		}
	}
	return nil
}

// endsDoubt: ok ends a doubt, and the words that say that an earlier attempt
// counted.
func endsDoubt(p pace) bool {
	return p.what == "settle" && p.word.doubt.State == message.Accepted
}

// run plays paces until one fails, and answers how many were played.
func (g *game) run(paces []pace) (int, error) {
	for i, p := range paces {
		if err := g.step(p); err != nil {
			return i + 1, err
		}
	}
	return len(paces), nil
}

// shrink leaves out what a failure does not need.
func shrink(paces []pace, fails func([]pace) error) ([]pace, error) {
	err := fails(paces)
	for i := len(paces) - 1; i >= 0; i-- {
		fewer := slices.Delete(slices.Clone(paces), i, i+1)
		if still := fails(fewer); still != nil {
			paces, err = fewer, still
		}
	}
	return paces, err
}

// TestTheLedgerFollowsItsModel plays random sequences. A failure prints its
// seed and the shortest sequence that still fails.
func TestTheLedgerFollowsItsModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("WXDISPATCH_TEST_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("seed %d (WXDISPATCH_TEST_SEED repeats it)", seed)
	t.Run("miniredis", func(t *testing.T) {
		clock := miniredis.RunT(t)
		series{t, redistest.Client(t, clock.Addr()), clock, seed}.play(500, 1) // its Lua is slow, its clock is one
	})
	t.Run("redis-server", func(t *testing.T) {
		series{t, redistest.Client(t, redistest.Server(t)), nil, seed}.play(2000, 4)
	})
}

// series are many games at one Redis, each with an account of its own.
type series struct {
	t      *testing.T
	client redis.UniversalClient
	clock  *miniredis.Miniredis
	seed   uint64
}

func (s series) play(sequences int64, players int) {
	sequences /= slower
	if testing.Short() {
		sequences /= 10
	}
	var next atomic.Int64
	var all sync.WaitGroup
	ends := make([]map[message.State]int, players)
	for i := range ends {
		ends[i] = map[message.State]int{}
		all.Go(func() {
			for n := next.Add(1) - 1; n < sequences && !s.t.Failed(); n = next.Add(1) - 1 {
				for _, state := range s.one(n) {
					ends[i][state]++
				}
			}
		})
	}
	all.Wait()
	for _, more := range ends[1:] {
		for state, n := range more {
			ends[0][state] += n
		}
	}
	s.t.Logf("%d sequences; ends: %v", sequences, ends[0])
}

// one plays a sequence and answers its ends.
func (s series) one(n int64) []message.State {
	const length = 30
	paces := randomPaces(rand.New(rand.NewPCG(s.seed, uint64(n))), length)
	fresh := 0
	play := func(some []pace) (*game, int, error) {
		fresh++
		g := newGame(s.client, s.clock, fmt.Sprintf("a%d-%d", n, fresh), int(n)%10)
		played, err := g.run(some)
		return g, played, err
	}
	g, played, err := play(paces)
	if err != nil {
		paces, err = shrink(paces[:played], func(some []pace) error { _, _, err := play(some); return err })
		s.t.Errorf("seed %d, sequence %d: %v\nafter\n%s", s.seed, n, err, lines(paces))
	}
	return g.model.events
}

func lines(paces []pace) string {
	var b strings.Builder
	for i, p := range paces {
		fmt.Fprintf(&b, "%3d  %v\n", i+1, p)
	}
	return b.String()
}
