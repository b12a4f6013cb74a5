package intake_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
)

// TestCutInMidPipeline: wherever the connection breaks, what was told as done is
// done, what is undecided is taken again, and each is there once.
func TestCutInMidPipeline(t *testing.T) {
	addr := redistest.Server(t)
	plain := redistest.Client(t, addr)
	const users = 150
	for _, after := range []int64{1, 20_000, 60_000, 120_000, 200_000} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			if err := plain.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			d := newDoor(t, plain)
			var slice []*message.Message
			var grants []permit.Grant
			for n := range users {
				grants = append(grants, permit.Grant{OpenID: openid(n), Type: message.FormPermit, Code: fmt.Sprint("f", n), IssuedAt: d.now})
				slice = append(slice, letter(t, "template", fmt.Sprint("t", n), n, "paid", ""), letter(t, "wxopen", fmt.Sprint("w", n), n, "paid", ""))
			}
			if _, err := d.ledger.AddPermits(t.Context(), "mini", grants); err != nil {
				t.Fatal(err)
			}
			breaking := redis.NewClient(&redis.Options{Addr: cutting(t, addr, after), MaxRetries: -1, DialerRetries: 1,
				ReadTimeout: time.Second, PoolTimeout: time.Second})
			defer breaking.Close()
			before := newDoor(t, breaking).TakeMany(t.Context(), slice)
			for i, o := range d.TakeMany(t.Context(), slice) {
				switch {
				case o.Err != nil || o.State != message.Queued:
					t.Fatalf("again, message %d: %+v", i, o)
				case before[i].Err == nil && !o.Duplicate:
					t.Errorf("message %d was told as taken, and was not there", i)
				case before[i].Err != nil && !fault.Is(before[i].Err, fault.Unavailable):
					t.Errorf("message %d: %v", i, before[i].Err)
				}
			}
			if a, b := d.tasks("shop.template"), d.tasks("mini.wxopen"); a != users || b != users {
				t.Errorf("%d and %d tasks wait; want %d of each", a, b, users)
			}
			for n := range users {
				if left, err := d.ledger.Permits(t.Context(), "mini", openid(n)); err != nil || len(left) != 0 {
					t.Errorf("user %d has %v left, %v", n, left, err)
				}
			}
		})
	}
}

// cutting is a way to the Redis at addr which breaks for good after so many
// bytes to it.
func cutting(t *testing.T, addr string, after int64) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	left := after
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", addr)
			if err != nil || left <= 0 {
				_ = conn.Close()
				continue
			}
			var back sync.WaitGroup
			back.Go(func() { _, _ = io.Copy(conn, server) })
			n, _ := io.CopyN(server, conn, left)
			left -= n
			_, _ = server.Close(), conn.Close()
			back.Wait()
		}
	})
	return listener.Addr().String()
}
