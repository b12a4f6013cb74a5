package message

import (
	"os"
	"testing"
)

// purchase is the text of an example, which is what most templates look like.
func purchase(b *testing.B) []byte {
	b.Helper()
	text, err := os.ReadFile("../../examples/template-purchase.json")
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// BenchmarkDecode is what every row and every task costs to read and check, its
// digest included.
func BenchmarkDecode(b *testing.B) {
	text := purchase(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWire writes the request's body.
func BenchmarkWire(b *testing.B) {
	m, err := Decode(purchase(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Wire(m.Body, m.ID); err != nil {
			b.Fatal(err)
		}
	}
}
