package token_test

import (
	"testing"
	"time"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/token"
)

// BenchmarkToken is the usual get: no trip, no lock. At least 1,000,000 a second
// are promised.
func BenchmarkToken(b *testing.B) {
	c := token.New(redistest.Mini(b), &mint{life: 2 * time.Hour}, token.Options{Account: "shop", AppID: "wx1"})
	defer c.Close()
	if _, err := c.Token(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			_, _ = c.Token(b.Context())
		}
	})
	b.Run("many", func(b *testing.B) {
		ctx := b.Context()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = c.Token(ctx)
			}
		})
	})
}
