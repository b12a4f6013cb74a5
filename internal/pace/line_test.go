package pace

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
)

// The script follows the model in every step, on any clock.
func TestTheLineFollowsItsModel(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		for seed := range uint64(12) {
			playLine(t, client, fmt.Sprint("a", seed), rand.New(rand.NewPCG(seed, 6)))
		}
	})
}

func playLine(t *testing.T, client redis.UniversalClient, account string, dice *rand.Rand) {
	t.Helper()
	ctx, real, m := t.Context(), redisLine{client, keys.Pace(account)}, &model{}
	rates := []float64{0.2, 0.3, 1, 7.5, 100, 333, 1000, 5000}
	rate := rates[dice.IntN(len(rates))]
	for step := range 60 {
		q := question{worker: fmt.Sprint("w", dice.IntN(3)), limits: limits{rate: rate, burst: 1 + dice.IntN(20)},
			want: dice.IntN(60), held: dice.IntN(3) * dice.IntN(20)}
		if dice.IntN(5) == 0 {
			q.limits.rate = rates[dice.IntN(len(rates))]
		}
		if dice.IntN(2) == 0 {
			q.calls = dice.IntN(40)
			q.bad = dice.IntN(q.calls + 1)
		}
		if dice.IntN(20) == 0 {
			changeOverride(t, client, account, m, dice)
		}
		if dice.IntN(30) == 0 {
			from := m.t - int64(dice.IntN(1000))
			if err := real.leave(ctx, q.worker, from, m.t); err != nil {
				t.Fatal(err)
			}
			_ = m.leave(ctx, q.worker, from, m.t)
		}
		got, err := real.lease(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		if want := m.at(got.now, q); !same(got, want) {
			t.Fatalf("%s, step %d, %+v:\n got %+v\nwant %+v", account, step, q, got, want)
		}
		if have, want := client.HGetAll(ctx, keys.Pace(account)).Val(), m.fields(); !maps.Equal(have, want) {
			t.Fatalf("%s, step %d, %+v:\n got %v\nwant %v", account, step, q, have, want)
		}
		sameStanding(t, client, account, got)
		if dice.IntN(4) == 0 {
			age(t, client, account, m, []int64{1_000, 300_000, 1_200_000, 20_000_000, 70_000_000}[dice.IntN(5)])
		}
	}
}

// same leaves the rates a difference that Lua's tostring makes.
func same(a, b grant) bool {
	near := func(x, y float64) bool { return x-y < 1e-9*y && y-x < 1e-9*y }
	ok := near(a.rates.Now, b.rates.Now) && near(a.rates.Configured, b.rates.Configured) && near(a.rates.Highest, b.rates.Highest)
	a.rates, b.rates = Rates{}, Rates{}
	return ok && a == b
}

func sameStanding(t *testing.T, client redis.UniversalClient, account string, g grant) {
	t.Helper()
	s, err := Read(t.Context(), client, account)
	if err != nil {
		t.Fatal(err)
	}
	if s.Configured != g.rates.Configured || s.Highest != g.rates.Highest || s.Now < 0.98*g.rates.Now || s.Now > 1.02*g.rates.Now+1 || s.Workers != g.workers {
		t.Fatalf("Read tells %+v, the lease %+v", s, g)
	}
}

func changeOverride(t *testing.T, client redis.UniversalClient, account string, m *model, dice *rand.Rand) {
	t.Helper()
	if dice.IntN(2) == 0 {
		m.override = 0
		if err := ClearOverride(t.Context(), client, account); err != nil {
			t.Fatal(err)
		}
		return
	}
	m.override, m.until = 42, 0
	var until time.Time
	if dice.IntN(2) == 0 {
		until = time.Now().Add(10 * time.Second)
		m.until = until.UnixMilli()
	}
	if err := SetOverride(t.Context(), client, account, 42, until); err != nil {
		t.Fatal(err)
	}
}

// age lets time go by: all that is written down becomes older by so much.
func age(t *testing.T, client redis.UniversalClient, account string, m *model, by int64) {
	t.Helper()
	m.t, m.turn = m.t-by, m.turn-by
	m.since -= by
	if m.fell != nil {
		m.fell.at -= by
	}
	if m.until != 0 {
		m.until -= by / 1000
	}
	for name, w := range m.members {
		w.until -= by
		m.members[name] = w
	}
	for name, text := range m.fields() {
		if err := client.HSet(t.Context(), keys.Pace(account), name, text).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
