package ledger_test

import (
	"sync/atomic"
	"testing"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/redistest"
)

// BenchmarkBeginAndSettle is one message's two trips, one message at a time.
func BenchmarkBeginAndSettle(b *testing.B) {
	l, first, created := ledger.New(redistest.Client(b, redistest.Server(b))), purchase(b, 0), time.Now()
	n := 0
	for b.Loop() {
		if err := accept(b.Context(), l, renumber(first, n), n, created); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

// BenchmarkBeginAndSettleAtOnce is the same by many hands, as workers do it.
func BenchmarkBeginAndSettleAtOnce(b *testing.B) {
	l, first, created := ledger.New(redistest.Client(b, redistest.Server(b))), purchase(b, 0), time.Now()
	var next atomic.Int64
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := int(next.Add(1))
			if err := accept(b.Context(), l, renumber(first, n), n, created); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
