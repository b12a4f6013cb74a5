package callback_test

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wxdispatch/internal/redistest"
)

var (
	loadFor  = flag.Duration("callback.load", 0, "push at a steady pace for so long and print how fast the answers came (0: not at all)")
	loadRate = flag.Int("callback.rate", 2000, "pushes a second")
)

// TestLoad pushes at a steady pace, whatever the answers take, and prints how
// long they took, counted from when each push was due:
//
//	go test ./internal/callback -run TestLoad -callback.load 20s -v
func TestLoad(t *testing.T) {
	if *loadFor == 0 {
		t.Skip("a measurement; ask for it with -callback.load 20s")
	}
	d := newDesk(t, redistest.Client(t, redistest.Server(t)), "")
	d.client.Transport.(*http.Transport).MaxIdleConnsPerHost = 256
	n := int(loadFor.Seconds() * float64(*loadRate))
	took := make([]time.Duration, n)
	due := make(chan int, n)
	started := time.Now()
	at := func(i int) time.Time { return started.Add(time.Duration(i) * time.Second / time.Duration(*loadRate)) }
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			for i := range due {
				body := strings.Replace(receipt, "<MsgID>7<", fmt.Sprintf("<MsgID>%d<", 1e18+i), 1)
				res, err := d.client.Post(d.url+"shop?"+signed(fmt.Sprint(i)).Encode(), "text/xml", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != http.StatusOK {
					t.Errorf("status %d", res.StatusCode)
				}
				took[i] = time.Since(at(i))
			}
		})
	}
	for i := range n {
		time.Sleep(time.Until(at(i))) // the pace of the load
		due <- i
	}
	close(due)
	all.Wait()
	slices.Sort(took)
	share := func(p float64) time.Duration { return took[int(p*float64(n-1))].Round(10 * time.Microsecond) }
	t.Logf("%d pushes in %s: half within %s, 99%% within %s, the slowest %s", n, time.Since(started).Round(time.Millisecond), share(0.5), share(0.99), share(1))
	d.waiting(n)
}
