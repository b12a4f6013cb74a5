package dispatch

import (
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// BenchmarkDecide is what an answer leads to.
func BenchmarkDecide(b *testing.B) {
	for name, class := range map[string]fault.Class{"ok": fault.OK, "busy": fault.Busy} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := Decide(testRules, message.Leave{Attempt: 1}, message.Answer{Class: class}, 9*time.Minute, noon, 0.5)
				if s.Clear.State == "" {
					b.Fatal("no state")
				}
			}
		})
	}
}
