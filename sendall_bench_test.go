package wxdispatch_test

import (
	"testing"

	"wxdispatch"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/redistest"
)

// BenchmarkSendAll hands messages over to a private redis-server, each way.
func BenchmarkSendAll(b *testing.B) {
	for _, way := range []string{"Redis", "HTTP"} {
		b.Run(way, func(b *testing.B) {
			client := redistest.Client(b, redistest.Server(b))
			a := newApp(b, client)
			if way == "HTTP" {
				a = &app{overHTTP(b, serve(b, settings(client)), secretKey), b, ledger.New(client)}
			}
			b.ReportAllocs()
			b.ResetTimer()
			messages := func(yield func(*wxdispatch.Message) bool) {
				for range b.N {
					if !yield(order(b, "", "oUser")) {
						return
					}
				}
			}
			for _, err := range a.SendAll(b.Context(), messages) {
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
