package ledger_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// purchase is the template example under another id, to another user.
func purchase(t testing.TB, n int) *message.Message {
	t.Helper()
	raw, err := os.ReadFile("../../examples/template-purchase.json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := message.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	m.ID = fmt.Sprintf("%s-%06d", m.ID, n)
	body := *m.Body.(*message.TemplateBody)
	body.ToUser = fmt.Sprintf("%.12s%016x", body.ToUser, uint64(n)*0x9E3779B97F4A7C15)
	m.Body = &body
	return m
}

// accept takes a message the plain way.
func accept(ctx context.Context, l *ledger.Ledger, m *message.Message, n int, created time.Time) error {
	run := fmt.Sprintf("run-%08d", n) // as long as a run's name is
	if _, err := l.Begin(ctx, message.Attempt{Run: run, Message: m, Created: created, Window: time.Minute,
		Deadline: created.Add(72 * time.Hour), Resend: 9 * time.Minute, MaxAttempts: 5, Keep: 7 * 24 * time.Hour}); err != nil {
		return err
	}
	_, err := l.Settle(ctx, message.Settlement{Run: run, Message: m, Keep: 7 * 24 * time.Hour, Sign: message.GoodSign,
		Answer: message.Answer{Class: fault.OK, MsgID: fmt.Sprint(3557254367693750277 + n)}, Clear: acceptedOutcome, Doubt: acceptedOutcome})
	return err
}

// TestMemoryOfAHundredThousand measures what finished messages cost.
func TestMemoryOfAHundredThousand(t *testing.T) {
	if testing.Short() || slower > 1 {
		t.Skip("100,000 messages take their time: measured without -short and without the race detector")
	}
	const messages, recordMost, indexMost = 100_000, 300, 200
	client := redistest.Client(t, redistest.Server(t))
	takeAll(t, client, messages)
	records, index := usage(t, client, "wxd:{shop}:m:*"), usage(t, client, "wxd:{shop}:[gu]:*")
	if records.keys != messages {
		t.Fatalf("got %d records, want %d", records.keys, messages)
	}
	perRecord, perIndex := float64(records.bytes)/messages, float64(index.bytes)/messages
	t.Logf("a finished record takes %.1f bytes on average; its two index entries take %.1f, in %d hashes", perRecord, perIndex, index.keys)
	if perRecord > recordMost {
		t.Errorf("a record takes %.1f bytes more than the %d allowed", perRecord-recordMost, recordMost)
	}
	if perIndex > indexMost {
		t.Errorf("the index entries take %.1f bytes more than the %d allowed", perIndex-indexMost, indexMost)
	}
}

func takeAll(t *testing.T, client redis.UniversalClient, messages int) {
	const hands = 16
	first, l, created := purchase(t, 0), ledger.New(client), time.Now()
	var all sync.WaitGroup
	for hand := range hands {
		all.Go(func() {
			for n := hand; n < messages; n += hands {
				if err := accept(t.Context(), l, renumber(first, n), n, created); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// renumber is purchase without reading the file again.
func renumber(first *message.Message, n int) *message.Message {
	m, body := *first, *first.Body.(*message.TemplateBody)
	m.ID = fmt.Sprintf("%s%06d", first.ID[:len(first.ID)-6], n)
	body.ToUser = fmt.Sprintf("%.12s%016x", body.ToUser, uint64(n)*0x9E3779B97F4A7C15)
	m.Body = &body
	return &m
}

type used struct{ keys, bytes int64 }

// usage sums MEMORY USAGE over the keys that match.
func usage(t testing.TB, client redis.UniversalClient, match string) (sum used) {
	t.Helper()
	ctx := t.Context()
	for cursor := uint64(0); ; {
		names, next, err := client.Scan(ctx, cursor, match, 2000).Result()
		if err != nil {
			t.Fatal(err)
		}
		pipe, sizes := client.Pipeline(), make([]*redis.IntCmd, len(names))
		for i, name := range names {
			sizes[i] = pipe.MemoryUsage(ctx, name, 0)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			t.Fatal(err)
		}
		for _, size := range sizes {
			sum.keys, sum.bytes = sum.keys+1, sum.bytes+size.Val()
		}
		if cursor = next; cursor == 0 {
			return sum
		}
	}
}
