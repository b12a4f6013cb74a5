package worker_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/redistest"
)

// TestAMillionWaiting measures what a parked lane costs while 1,000,000 messages
// wait, and what unparking takes until the first send. It is asked for with
// WXDISPATCH_TEST_MILLION=1, needs 1 GB, and asserts nothing.
func TestAMillionWaiting(t *testing.T) {
	if os.Getenv("WXDISPATCH_TEST_MILLION") == "" {
		t.Skip("asked for with WXDISPATCH_TEST_MILLION=1")
	}
	s := newStage(t, redistest.Server(t))
	if err := s.book().Hold(t.Context(), "shop", "account", time.Hour, ledger.ParkInfo{}); err != nil {
		t.Fatal(err)
	}
	s.put(template(t, "oldest", "oUser"))
	s.copies("oldest", 999_999)
	w := s.worker()
	s.still("shop.template")
	const period = 30 * time.Second
	mine, theirs := cpu(t), s.redisCPU()
	<-time.After(period)
	t.Logf("parked, 1,000,000 waiting, %s: the worker's process %.2f %% of a core, Redis %.2f %%", period,
		100*(cpu(t)-mine)/period.Seconds(), 100*(s.redisCPU()-theirs)/period.Seconds())
	start := time.Now()
	if _, err := s.book().Unpark(t.Context(), "shop", "", "test", ledger.ParkInfo{}); err != nil {
		t.Fatal(err)
	}
	s.called(1)
	t.Logf("from unpark to the first call: %s", time.Since(start).Round(time.Millisecond))
	if err := s.book().Park(t.Context(), "shop", "", time.Time{}, ledger.ParkInfo{}); err != nil {
		t.Fatal(err)
	}
	s.stop(w)
}

// copies puts so many more tasks of asynq's behind one, which no handler reads.
func (s *stage) copies(id string, n int) {
	s.t.Helper()
	ctx, task := s.t.Context(), "asynq:{shop.template}:t:"
	fields, err := s.redis.HGetAll(ctx, task+id).Result()
	if err != nil {
		s.t.Fatal(err)
	}
	for from := 0; from < n; from += 10_000 {
		pipe := s.redis.Pipeline()
		for i := from; i < min(n, from+10_000); i++ {
			other := fmt.Sprint("copy-", i)
			pipe.HSet(ctx, task+other, fields)
			pipe.LPush(ctx, "asynq:{shop.template}:pending", other)
		}
		if _, err := pipe.Exec(ctx); err != nil {
			s.t.Fatal(err)
		}
	}
}

// cpu is the seconds of a core that this process has used.
func cpu(t *testing.T) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

// redisCPU is the same of Redis.
func (s *stage) redisCPU() (total float64) {
	s.t.Helper()
	info, err := s.redis.Info(s.t.Context(), "cpu").Result()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, line := range strings.Split(info, "\r\n") {
		var v float64
		if _, err := fmt.Sscanf(line, "used_cpu_sys:%f", &v); err == nil {
			total += v
		}
		if _, err := fmt.Sscanf(line, "used_cpu_user:%f", &v); err == nil {
			total += v
		}
	}
	return total
}
