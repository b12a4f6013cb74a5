package worker_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
	"wxdispatch/internal/pace"
	"wxdispatch/internal/redistest"
)

// paced is an account's rate, of all its workers.
func paced(rate float64, burst int) func(*config.Config) {
	return func(cfg *config.Config) {
		a := cfg.Accounts["shop"]
		a.Rate, a.Burst = rate, burst
		cfg.Accounts["shop"] = a
	}
}

func TestALowRateNeitherChurnsNorLosesOrder(t *testing.T) {
	s := faultStage(t)
	w := s.worker(paced(4, 1))
	var all []*message.Message
	for i := range 16 {
		all = append(all, template(t, fmt.Sprintf("t-%02d", i), fmt.Sprintf("oShop%02d", i)))
		s.put(all[i])
	}
	s.delivered(3)
	// What may be sent within two seconds was taken; the others wait where
	// they can be seen.
	if info, err := s.inspector().GetQueueInfo("shop.template"); err != nil || info.Active > 9 || info.Pending < 3 || info.Retry != 0 {
		t.Errorf("after 3 of 16: %+v, %v; want at most 9 taken, nothing put back", info, err)
	}
	s.delivered(16)
	for i, d := range s.sim.Deliveries() {
		// Those that were taken together wait for the first token together, and
		// go in any order; none of them is passed by one that was not taken.
		if n, err := strconv.Atoi(strings.TrimPrefix(d.OpenID, "oShop")); err != nil || n-i > 8 || i-n > 8 {
			t.Errorf("%s was the %dth", d.OpenID, i)
		}
	}
	for _, m := range all {
		if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts != 1 {
			t.Errorf("%s took %d attempts", m.ID, rec.Attempts)
		}
	}
	s.stop(w)
}

func TestOneRateForAllWorkers(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	one, two := s.worker(paced(40, 1)), s.worker(paced(20, 1))
	first := len(s.logs.String())
	var all []*message.Message
	for i := range 200 {
		all = append(all, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)))
	}
	s.put(all...)
	within := func(n int, rate float64) {
		t.Helper()
		begun, had := time.Now(), s.sim.Stats().Calls
		s.called(int(had) + n)
		if most := rate*(time.Since(begun).Seconds()+0.1) + 2; float64(n) > most {
			t.Errorf("%d calls in %v, allowed are %.1f", n, time.Since(begun), most)
		}
	}
	s.called(5)
	within(40, 20) // the lowest of both
	if !strings.Contains(s.logs.String(), "disagree") {
		t.Errorf("no word that the workers' rates differ\n%s", s.logs.String()[first:])
	}
	if err := pace.SetOverride(t.Context(), s.redis, "shop", 8, time.Time{}); err != nil {
		t.Fatal(err)
	}
	s.until("the metrics tell the override", func() bool {
		text := metricsOf(t, one.URL())
		return strings.Contains(text, `wxdispatch_rate{account="shop",which="configured"} 8`) &&
			strings.Contains(text, `wxdispatch_rate{account="shop",which="now"} 8`)
	})
	s.called(int(s.sim.Stats().Calls) + 8) // what was leased before is gone
	within(16, 8)
	standing, err := pace.Read(t.Context(), s.redis, "shop")
	if err != nil || standing.Workers != 2 || standing.Override != 8 || standing.Configured != 8 || standing.Highest != 40 {
		t.Errorf("it stands as %+v, %v", standing, err)
	}
	if err := pace.ClearOverride(t.Context(), s.redis, "shop"); err != nil {
		t.Fatal(err)
	}
	s.delivered(200)
	s.stop(one)
	s.stop(two)
	if standing, err := pace.Read(t.Context(), s.redis, "shop"); err != nil || standing.Workers != 0 {
		t.Errorf("after both ended: %+v, %v; want no worker", standing, err)
	}
}

func metricsOf(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
