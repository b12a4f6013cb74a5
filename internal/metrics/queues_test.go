package metrics

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/message"
)

// still is queues that always hold the same.
type still struct{ asked, doubted atomic.Int64 }

func (s *still) Backlog(context.Context, string, message.Kind) (map[string]int, time.Duration, error) {
	s.asked.Add(1)
	return map[string]int{"pending": 4, "waiting": 2, "secret_o123": 9}, 90 * time.Second, nil
}

func (s *still) Doubts(context.Context, string) (map[message.Kind]int, error) {
	s.doubted.Add(1)
	return map[message.Kind]int{message.Template: 3}, nil
}

type queuesFunc func(ctx context.Context, account string, kind message.Kind) (map[string]int, time.Duration, error)

func (f queuesFunc) Backlog(ctx context.Context, account string, kind message.Kind) (map[string]int, time.Duration, error) {
	return f(ctx, account, kind)
}

func (f queuesFunc) Doubts(context.Context, string) (map[message.Kind]int, error) { return nil, nil }

// lost is queues whose doubts cannot be read.
type lost struct{ still }

func (*lost) Doubts(context.Context, string) (map[message.Kind]int, error) {
	return nil, errors.New("connection refused")
}

func TestDoubtsAreShown(t *testing.T) {
	m, queues := shop(), &still{}
	m.WatchQueues(queues)
	want(t, scrape(t, m),
		`wxdispatch_in_doubt{account="shop",kind="template"} 3`,
		`wxdispatch_in_doubt{account="shop",kind="onetime"} 0`)
	if n := queues.doubted.Load(); n != 1 {
		t.Errorf("one account's doubts were asked for %d times in one look", n)
	}
	m = shop()
	m.WatchQueues(&lost{})
	scrape(t, m)
	text := scrape(t, m)
	want(t, text, `wxdispatch_queue_messages{account="shop",kind="template",state="pending"} 4`)
	absent(t, text, "wxdispatch_in_doubt{", "wxdispatch_scrape_errors_total 0")
}

func TestBacklogIsShown(t *testing.T) {
	m := shop()
	m.WatchQueues(&still{})
	text := scrape(t, m)
	want(t, text,
		`wxdispatch_queue_messages{account="shop",kind="template",state="pending"} 4`,
		`wxdispatch_queue_messages{account="shop",kind="onetime",state="waiting"} 2`,
		`wxdispatch_oldest_seconds{account="shop",kind="bizsend"} 90`,
		`wxdispatch_scrape_errors_total 0`)
	absent(t, text, "secret_o123", `state="archived"`)
}

func TestManyScrapesAskRedisOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, queues := shop(), &still{}
		m.WatchQueues(queues)
		var all sync.WaitGroup
		for range maxScrapes {
			all.Go(func() { scrape(t, m) })
		}
		all.Wait()
		time.Sleep(lookEvery - time.Millisecond)
		scrape(t, m)
		if asked := queues.asked.Load(); asked != 3 {
			t.Fatalf("within 5 s the 3 lanes were asked %d times", asked)
		}
		time.Sleep(time.Millisecond)
		scrape(t, m)
		if asked := queues.asked.Load(); asked != 6 {
			t.Fatalf("after 5 s the lanes should be asked anew; they were asked %d times", asked)
		}
	})
}

func TestAnUnreachableRedisLeavesSeriesOut(t *testing.T) {
	m := shop()
	m.WatchQueues(queuesFunc(func(_ context.Context, _ string, kind message.Kind) (map[string]int, time.Duration, error) {
		if kind == message.Template {
			return nil, 0, errors.New("connection refused")
		}
		return map[string]int{"pending": 1}, 0, nil
	}))
	scrape(t, m)
	text := scrape(t, m)
	want(t, text,
		`wxdispatch_queue_messages{account="shop",kind="bizsend",state="pending"} 1`,
		`wxdispatch_oldest_seconds{account="shop",kind="bizsend"} 0`)
	absent(t, text, `wxdispatch_queue_messages{account="shop",kind="template"`,
		`wxdispatch_oldest_seconds{account="shop",kind="template"`, "wxdispatch_scrape_errors_total 0")
}

// asynq's inspector does not know contexts: a frozen Redis holds it up, but
// neither the scrape nor the next one, and nothing piles up behind it.
func TestAFrozenRedisHoldsNoScrapeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := shop()
		thaw := make(chan struct{})
		var asked atomic.Int64
		m.WatchQueues(queuesFunc(func(context.Context, string, message.Kind) (map[string]int, time.Duration, error) {
			asked.Add(1)
			<-thaw
			return map[string]int{"pending": 1}, 0, nil
		}))
		for _, limit := range []time.Duration{lookLimit, 0} {
			start := time.Now()
			text := scrape(t, m)
			if took := time.Since(start); took != limit {
				t.Errorf("the scrape waited %v; it should wait %v", took, limit)
			}
			absent(t, text, "wxdispatch_queue_messages")
			if !strings.Contains(text, "wxdispatch_rate") {
				t.Error("what needs no Redis should be shown nevertheless")
			}
		}
		time.Sleep(2 * lookEvery)
		scrape(t, m)
		if n := asked.Load(); n != 1 {
			t.Errorf("%d questions wait for the frozen Redis; 1 should", n)
		}
		close(thaw)
		synctest.Wait()
		text := scrape(t, m)
		want(t, text, `wxdispatch_queue_messages{account="shop",kind="bizsend",state="pending"} 1`)
	})
}
