package message_test

import (
	"fmt"
	"testing"

	"wxdispatch/internal/message"
)

// row is a template message as a row of a file gives it.
func row(n int) []byte {
	return fmt.Appendf(nil, `{"id":"spring-%08d","account":"shop","kind":"template","body":{"touser":"oBench%022d","template_id":"ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY","url":"https://shop.example/orders/%d","data":{"first":{"value":"您的订单已发货"},"keyword1":{"value":"SF%012d"},"keyword2":{"value":"2026年11月26日"},"remark":{"value":"点击查看物流"}}}}`, n, n, n, n)
}

func BenchmarkDecode(b *testing.B) {
	data := row(1)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := message.Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}
