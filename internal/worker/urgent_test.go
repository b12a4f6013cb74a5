package worker_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// flood puts n messages of the batch flood into its queue.
func (s *stage) flood(n int) {
	s.t.Helper()
	if _, err := s.book().OpenBatch(s.t.Context(), "shop", "flood", message.Template, ledger.BatchOptions{}); err != nil {
		s.t.Fatal(err)
	}
	for from := 0; from < n; from += 10_000 {
		var some []*message.Message
		for i := from; i < min(n, from+10_000); i++ {
			some = append(some, decoded(s.t, `{"id":"f-%d","account":"shop","kind":"template","batch":"flood","body":{"touser":"oFlood%d","template_id":"tpl","data":{"User":{"value":"%d"}}}}`, i, i, i))
		}
		s.put(some...)
	}
}

// place is the place of a user's message in the order of all, from 0; -1: it has
// not come.
func (s *stage) place(openid string) int {
	for i, d := range s.sim.Deliveries() {
		if d.OpenID == openid {
			return i
		}
	}
	return -1
}

// TestASingleMessageGoesBeforeABatch: with 20,000 of a batch queued, at a rate of
// 10 a second, no single message sees more than 10 of them go first, which is a
// second; and when many single messages come at once the batch still gets every
// fifth slot.
func TestASingleMessageGoesBeforeABatch(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	s.flood(20_000)
	w := s.worker(slow(10))
	s.delivered(5)
	for i := range 5 {
		openid := fmt.Sprint("oSingle", i)
		before := len(s.sim.Deliveries())
		s.put(template(t, fmt.Sprint("s-", i), openid))
		s.until(openid+" rang", func() bool { return s.place(openid) >= 0 })
		if passed := s.place(openid) - before; passed > 10 {
			t.Errorf("%d messages of the batch went before the single message %d", passed, i)
		}
	}
	const many = 24
	before := len(s.sim.Deliveries())
	var all []*message.Message
	for i := range many {
		all = append(all, template(t, fmt.Sprint("m-", i), fmt.Sprint("oMany", i)))
	}
	s.put(all...)
	for _, m := range all {
		s.wantEnd(m, message.Accepted, "")
	}
	singles, batches := 0, 0
	for _, d := range s.sim.Deliveries()[before:] {
		switch {
		case singles == many: // what came after the last of them
		case strings.HasPrefix(d.OpenID, "oMany"):
			singles++
		default:
			batches++
		}
	}
	if batches < many/4-2 || batches > many/4+10 {
		t.Errorf("beside %d single messages %d of the batch went; want every fifth", many, batches)
	}
	s.stop(w)
}

// TestABatchCanBeSlower: its rate holds for all workers together, and keeps no
// other batch from going at the account's.
func TestABatchCanBeSlower(t *testing.T) {
	s := faultStage(t)
	d := s.desk()
	if err := d.Batches.Open(t.Context(), "shop", "slow", message.Template, intake.BatchOptions{Rate: 10}); err != nil {
		t.Fatal(err)
	}
	if err := d.Batches.Loaded(t.Context(), "shop", "slow", 100, 0, true); err != nil {
		t.Fatal(err)
	}
	s.hand(d, "slow", 100)
	s.hand(d, "free", 300)
	begun := time.Now()
	one, two := s.worker(), s.worker()
	s.wantBatch(d, "free", 300)
	gone := s.batch(d, "slow").Accepted
	if most := 10*(time.Since(begun).Seconds()+0.1) + 2; float64(gone) > most {
		t.Errorf("%d of the slow batch went in %v, allowed are %.1f", gone, time.Since(begun), most)
	}
	if b := s.batch(d, "slow"); b.Rate != 10 || b.Rows != 100 || b.Loading {
		t.Errorf("the slow batch stands as %+v", b)
	}
	// More haste: the same batch, opened again with another rate.
	if err := d.Batches.Open(t.Context(), "shop", "slow", message.Template, intake.BatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Batches.Loaded(t.Context(), "shop", "slow", 100, 0, true); err != nil {
		t.Fatal(err)
	}
	s.wantBatch(d, "slow", 100)
	s.stop(one)
	s.stop(two)
	s.eachOnce(400)
}

// TestQuietHoursStopBatchesWithoutTouchingThem: single messages and a batch that
// ignores them go.
func TestQuietHoursStopBatchesWithoutTouchingThem(t *testing.T) {
	s := faultStage(t)
	d := s.desk()
	china := time.FixedZone("UTC+8", 8*60*60)
	now := time.Now().In(china)
	quiet := now.Add(-time.Hour).Format("15:04") + "-" + now.Add(2*time.Hour).Format("15:04")
	s.hand(d, "held", 50)
	if err := d.Batches.Open(t.Context(), "shop", "urgent", message.Template, intake.BatchOptions{IgnoreQuiet: true}); err != nil {
		t.Fatal(err)
	}
	s.hand(d, "urgent", 50)
	if err := d.Batches.Loaded(t.Context(), "shop", "urgent", 50, 0, true); err != nil {
		t.Fatal(err)
	}
	w := s.worker(func(cfg *config.Config) {
		a := cfg.Accounts["shop"]
		a.QuietHours = quiet
		cfg.Accounts["shop"] = a
	})
	s.put(orders(t, 20)...)
	s.wantBatch(d, "urgent", 50)
	s.delivered(70)
	s.until("the batch is seen to hold", func() bool { return s.paused("shop.template.held") })
	info, err := s.inspector().GetQueueInfo("shop.template.held")
	if err != nil || info.Pending != 50 || info.Retry != 0 {
		t.Errorf("its queue was touched: %+v, %v", info, err)
	}
	s.stop(w)
	s.eachOnce(70)
}

// TestAParkHoldsBatchesToo: of its kind, without a call, and lets them go again.
func TestAParkHoldsBatchesToo(t *testing.T) {
	s := faultStage(t)
	d := s.desk()
	w := s.worker()
	person := ledger.ParkInfo{By: "operator", Who: "ann@desk", Words: "wrong text"}
	if err := s.book().Park(t.Context(), "shop", message.Template, time.Time{}, person); err != nil {
		t.Fatal(err)
	}
	s.hand(d, "spring", 50)
	s.still("shop.template.spring")
	if n := s.sim.Stats().Deliveries; n != 0 {
		t.Fatalf("%d phones rang", n)
	}
	if _, err := s.book().Unpark(t.Context(), "shop", "", "operator", person); err != nil {
		t.Fatal(err)
	}
	s.wantBatch(d, "spring", 50)
	s.stop(w)
	s.eachOnce(50)
}

// TestADeadRunOfABatchIsBroughtOn: and counted once.
func TestADeadRunOfABatchIsBroughtOn(t *testing.T) {
	s := faultStage(t)
	d := s.desk()
	s.hand(d, "spring", 20)
	for i := range 3 {
		job, err := s.queue.Waiting(t.Context(), message.Lane{Account: "shop", Kind: message.Template, Batch: "spring"}, fmt.Sprint("spring-", i))
		if err != nil {
			t.Fatal(err)
		}
		s.dead(job.Message, 9*time.Minute)
	}
	w := s.worker()
	b := s.wantBatch(d, "spring", 20)
	if b.Accepted != 20 {
		t.Errorf("the batch stands as %+v", b)
	}
	s.stop(w)
	s.eachOnce(20)
}

// TestMeasureUrgentBeforeBulk tells, with WXDISPATCH_TEST_URGENT=1, how long
// single messages take with 500,000 of a batch queued.
func TestMeasureUrgentBeforeBulk(t *testing.T) {
	if os.Getenv("WXDISPATCH_TEST_URGENT") == "" {
		t.Skip("WXDISPATCH_TEST_URGENT is not set")
	}
	for _, rate := range []float64{10, 100} {
		for _, queued := range []int{0, 500_000} {
			t.Run(fmt.Sprintf("rate %g, %d queued", rate, queued), func(t *testing.T) {
				s := newStage(t, redistest.Server(t))
				if queued > 0 {
					s.flood(queued)
				}
				w := s.worker(slow(rate))
				if queued > 0 {
					s.delivered(20)
				}
				var took []time.Duration
				for i := range 60 {
					m := template(t, fmt.Sprint("s-", i), fmt.Sprint("oSingle", i))
					created := time.Now()
					if _, err := s.queue.Put(context.Background(), m, created); err != nil {
						t.Fatal(err)
					}
					rec := s.wantEnd(m, message.Accepted, "")
					took = append(took, rec.SentAt.Sub(rec.CreatedAt))
				}
				slices.Sort(took)
				t.Logf("median %v, p95 %v, longest %v", took[30], took[57], took[59])
				s.stop(w)
			})
		}
	}
}
