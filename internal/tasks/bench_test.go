package tasks_test

import (
	"os"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

// purchase is an example as a job.
func purchase(b *testing.B) message.Job {
	b.Helper()
	text, err := os.ReadFile("../../examples/template-purchase.json")
	if err != nil {
		b.Fatal(err)
	}
	m, err := message.Decode(text)
	if err != nil {
		b.Fatal(err)
	}
	return message.Job{Message: m, Created: time.UnixMilli(1763800000123)}
}

// BenchmarkEncode writes a task's payload.
func BenchmarkEncode(b *testing.B) {
	job := purchase(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tasks.Encode(job); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode reads a task's payload, as each handler does first.
func BenchmarkDecode(b *testing.B) {
	payload, err := tasks.Encode(purchase(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		if _, err := tasks.Decode(payload); err != nil {
			b.Fatal(err)
		}
	}
}
