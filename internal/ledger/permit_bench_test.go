package ledger_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
)

// hands are how many callers share a pipeline, as intake's callers and a
// worker's handlers do.
const hands = 256

// stock is a ledger with users who have so many payments each, whose
// callers ask at the same time.
type stock struct {
	b      *testing.B
	client redis.UniversalClient
	ledger *ledger.Ledger
}

func newStock(b *testing.B) stock {
	plain := redis.NewClient(&redis.Options{Addr: redistest.Server(b)})
	b.Cleanup(func() { _ = plain.Close() })
	return stock{b, plain, ledger.New(plain)}
}

// collect gives each of so many users so many payments.
func (s stock) collect(users, each int) {
	s.b.Helper()
	issued := time.Now().Add(-time.Hour)
	var grants []permit.Grant
	for user := range users {
		for n := range each {
			grants = append(grants, permit.Grant{OpenID: openid(user), Type: message.PaymentPermit, Code: code(user*each + n),
				IssuedAt: issued.Add(time.Duration(n) * time.Second)})
		}
		if len(grants) >= 1000 || user == users-1 {
			if _, err := s.ledger.AddPermits(s.b.Context(), "shop", grants); err != nil {
				s.b.Fatal(err)
			}
			grants = grants[:0]
		}
	}
}

// openid and code are as long as WeChat's.
func openid(user int) string { return fmt.Sprintf("oBench%022d", user) }
func code(n int) string      { return fmt.Sprintf("wx26184030%026d", n) }

func pooled(n, user int) *message.Message {
	return &message.Message{ID: fmt.Sprintf("order-%08d", n), Account: "shop", Kind: message.WXOpen, Digest: fmt.Sprintf("%024x", n),
		Body: &message.WXOpenBody{ToUser: openid(user), Template: "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"}}
}

// all has many hands do n things.
func (s stock) all(n int, do func(i int) error) {
	s.b.Helper()
	var next atomic.Int64
	var done sync.WaitGroup
	for range hands {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !s.b.Failed(); i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					s.b.Error(err)
				}
			}
		})
	}
	done.Wait()
}

func (s stock) reserve(m *message.Message, now time.Time) error {
	need := permit.Need(m, now, permit.Policy{})
	res, err := s.ledger.Reserve(s.b.Context(), message.Job{Message: m, Created: now}, need, now.Add(time.Hour), time.Hour)
	if err == nil && res.Refused() {
		return fmt.Errorf("%s: %s", m.ID, res.Reason)
	}
	return err
}

// BenchmarkReserveAndCommit is a message's permit held and then spent, by many
// hands over one pipeline; begin, which stands between the two, is not counted.
func BenchmarkReserveAndCommit(b *testing.B) {
	s, now := newStock(b), time.Now()
	s.collect((b.N+5)/6, 2)
	messages, leaves := make([]*message.Message, b.N), make([]message.Leave, b.N)
	for i := range messages {
		messages[i] = pooled(i, i/6)
	}
	before := s.busy()
	b.ResetTimer()
	s.all(b.N, func(i int) error { return s.reserve(messages[i], now) })
	b.StopTimer()
	reserved := s.busy()
	s.all(b.N, func(i int) (err error) {
		m := messages[i]
		leaves[i], err = s.ledger.Begin(b.Context(), message.Attempt{Run: m.ID, Message: m, Created: now, Window: time.Minute,
			MaxAttempts: 5, Keep: time.Hour, Need: permit.Need(m, now, permit.Policy{})})
		return err
	})
	begun := s.busy()
	b.StartTimer()
	s.all(b.N, func(i int) error {
		m := messages[i]
		_, err := s.ledger.Settle(b.Context(), message.Settlement{Run: m.ID, Message: m, Keep: time.Hour, Sign: message.GoodSign,
			Answer: message.Answer{Class: fault.OK}, Clear: acceptedOutcome, Doubt: acceptedOutcome})
		return err
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
	b.ReportMetric((reserved-before)*1e6/float64(b.N), "redis-µs/reserve")
	b.ReportMetric((begun-reserved)*1e6/float64(b.N), "redis-µs/begin")
	b.ReportMetric((s.busy()-begun)*1e6/float64(b.N), "redis-µs/settle")
}

// busy is the CPU time of Redis's main thread so far, in seconds.
func (s stock) busy() float64 {
	s.b.Helper()
	text, err := s.client.InfoMap(s.b.Context(), "cpu").Result()
	if err != nil {
		s.b.Fatal(err)
	}
	var user, system float64
	_, _ = fmt.Sscan(text["CPU"]["used_cpu_user_main_thread"], &user)
	_, _ = fmt.Sscan(text["CPU"]["used_cpu_sys_main_thread"], &system)
	return user + system
}

// BenchmarkReserve is what it costs to hold a use of a user with few and with
// many permits.
func BenchmarkReserve(b *testing.B) {
	for _, permits := range []int{2, 200} {
		b.Run(fmt.Sprint(permits, " permits"), func(b *testing.B) {
			s, now := newStock(b), time.Now()
			users := 1 + b.N/(2*permits)
			s.collect(users, permits)
			messages := make([]*message.Message, b.N)
			for i := range messages {
				messages[i] = pooled(i, i%users)
			}
			before := s.busy()
			b.ResetTimer()
			s.all(b.N, func(i int) error { return s.reserve(messages[i], now) })
			b.ReportMetric((s.busy()-before)*1e6/float64(b.N), "redis-µs/op")
		})
	}
}

// BenchmarkPermitMemory is what a million permits of 300,000 users take, keys
// included. Run it once: -benchtime=1x.
func BenchmarkPermitMemory(b *testing.B) {
	const users, permits = 300_000, 1_000_000
	for b.Loop() {
		s := newStock(b)
		issued := time.Now().Add(-time.Hour)
		for n := 0; n < permits; n += 1000 {
			grants := make([]permit.Grant, 1000)
			for i := range grants {
				grants[i] = permit.Grant{OpenID: openid((n + i) % users), Type: message.FormPermit, Code: fmt.Sprintf("%032x", uint64(n+i)*0x9E3779B97F4A7C15), IssuedAt: issued}
			}
			if _, err := s.ledger.AddPermits(b.Context(), "shop", grants); err != nil {
				b.Fatal(err)
			}
		}
		total := usage(b, s.client, "wxd:{shop}:f:*")
		b.ReportMetric(float64(total.bytes)/permits, "bytes/permit")
		b.ReportMetric(float64(total.keys), "keys")
	}
}
