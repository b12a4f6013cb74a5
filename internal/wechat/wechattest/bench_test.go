package wechattest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// BenchmarkSend is the stand-in's own part of a send, without the network.
func BenchmarkSend(b *testing.B) {
	s := wechattest.New(wechattest.Options{AnyApp: true})
	url := message.Template.Path() + "?access_token=" + s.Token("wxa")
	b.ReportAllocs()
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := fmt.Sprintf(`{"touser":"oUser%d","template_id":"T1","data":{"keyword1":{"value":"1"}},"client_msg_id":"m%[1]d"}`, n.Add(1))
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, url, strings.NewReader(body)))
		}
	})
	if got := s.Stats().Deliveries; got != n.Load() {
		b.Fatalf("%d deliveries of %d sends", got, n.Load())
	}
}
