package wechattest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func TestWaitersWakeWithTheirNumber(t *testing.T) {
	s := start(t, wechattest.Options{})
	var waiting sync.WaitGroup
	for n := range 20 {
		waiting.Go(func() {
			if err := s.WaitDeliveries(t.Context(), n); err != nil {
				t.Error(err)
			}
			if got := len(s.Deliveries()); got < n {
				t.Errorf("woke at %d deliveries, wanted %d", got, n)
			}
		})
	}
	path := s.path(message.Template)
	for n := range 20 {
		waiting.Go(func() {
			if _, err := s.do(t.Context(), "POST", path, plain(n)); err != nil {
				t.Error(err)
			}
		})
	}
	waiting.Wait()
}

func TestWaitTellsWhatItSaw(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.want(message.Template, plain(1), 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.WaitDeliveries(ctx, 2)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "waited for 2 deliveries, saw 1") {
		t.Errorf("error is %v", err)
	}
}
