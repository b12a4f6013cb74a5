package wechat

import "testing"

// BenchmarkClassify reads an answer and finds its class, for a send that went
// well and for one that did not.
func BenchmarkClassify(b *testing.B) {
	for name, body := range map[string]string{
		"ok":   `{"errcode":0,"errmsg":"ok","msgid":2840143726219902978}`,
		"busy": `{"errcode":-1,"errmsg":"system error rid: 5f3d2a1b-1c2d3e4f-5a6b7c8d"}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reply, err := ParseReply([]byte(body))
				if err != nil {
					b.Fatal(err)
				}
				if failed := reply.Err("bench"); (failed == nil) != (reply.Code == 0) {
					b.Fatal(failed)
				}
			}
		})
	}
}
