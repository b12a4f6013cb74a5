package pace_test

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/pace"
	"wxdispatch/internal/redistest"
)

// BenchmarkSlot measures what a slot costs where there are always some.
func BenchmarkSlot(b *testing.B) {
	p := pace.New(pace.Options{Account: "shop", Rate: 5e6, Burst: 1_000_000, Concurrency: 50,
		Redis: redistest.Client(b, redistest.Server(b)), Log: slog.New(slog.DiscardHandler)})
	defer p.Close()
	b.ReportAllocs()
	for b.Loop() {
		end, _, err := p.Slot(b.Context(), false)
		if err != nil {
			b.Fatal(err)
		}
		end()
	}
}

// BenchmarkTrips measures how many commands a call costs, with a backlog.
func BenchmarkTrips(b *testing.B) {
	for _, c := range []struct {
		rate    float64
		workers int
	}{{100, 1}, {100, 3}, {100, 8}, {5000, 1}, {5000, 3}, {5000, 8}} {
		b.Run(fmt.Sprint(c.rate, "/s workers ", c.workers), func(b *testing.B) {
			client := redistest.Client(b, redistest.Server(b))
			var slots atomic.Int64
			var users sync.WaitGroup
			stop := make(chan struct{})
			for range c.workers {
				p := pace.New(pace.Options{Account: "shop", Rate: c.rate, Burst: 20, Concurrency: 50, Redis: client, Log: slog.New(slog.DiscardHandler)})
				defer p.Close()
				for range 50 {
					users.Go(func() {
						for {
							select {
							case <-stop:
								return
							default:
							}
							if end, _, err := p.Slot(b.Context(), false); err == nil {
								slots.Add(1)
								end()
							}
						}
					})
				}
			}
			for b.Loop() {
				before, trips := slots.Load(), commands(b, client)
				time.Sleep(3 * time.Second)
				got := float64(slots.Load() - before)
				b.ReportMetric(float64(commands(b, client)-trips)/got, "trips/call")
				b.ReportMetric(got/3/c.rate*100, "%rate")
			}
			close(stop)
			users.Wait()
		})
	}
}

// commands is how many scripts Redis has run.
func commands(b *testing.B, client redis.UniversalClient) (n int64) {
	b.Helper()
	info := client.InfoMap(b.Context(), "commandstats").Item("Commandstats", "cmdstat_evalsha")
	if _, err := fmt.Sscanf(info, "calls=%d", &n); err != nil {
		return 0
	}
	return n
}
