package worker_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
)

// A worker that is killed has messages in hand that it had not begun. asynq
// brings them back after one to two minutes; the sweep must not wait for it.
func TestWhatADeadWorkerHadTakenDoesNotWaitForAsynq(t *testing.T) {
	for _, lane := range []message.Lane{{Account: "shop", Kind: message.Template}, {Account: "shop", Kind: message.Template, Batch: "spring"}} {
		t.Run(keys.Queue(lane), func(t *testing.T) { forsaken(t, lane) })
	}
}

func forsaken(t *testing.T, lane message.Lane) {
	s := newStage(t, redistest.Server(t))
	m := template(t, "taken", "oUser")
	if lane.Batch != "" {
		m = decoded(t, `{"id":"taken","account":"shop","kind":"template","batch":%q,"body":{"touser":"oUser","template_id":"tpl","data":{"User":{"value":"x"}}}}`, lane.Batch)
		if _, err := s.book().OpenBatch(t.Context(), "shop", lane.Batch, lane.Kind, ledger.BatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	s.put(m)
	queue := "asynq:{" + keys.Queue(lane) + "}:"
	ctx := t.Context()
	for _, err := range []error{ // what a worker does when it takes a task
		s.redis.LMove(ctx, queue+"pending", queue+"active", "RIGHT", "LEFT").Err(),
		s.redis.HSet(ctx, queue+"t:taken", "state", "active").Err(),
		s.redis.ZAdd(ctx, queue+"lease", redis.Z{Score: float64(time.Now().Unix()), Member: "taken"}).Err(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w := s.worker()
	if rec := s.ended("shop", "taken"); rec.State != message.Accepted || rec.Attempts != 1 {
		t.Errorf("got %s after %d attempts, want accepted after 1", rec.State, rec.Attempts)
	}
	if n := s.redis.LLen(ctx, queue+"active").Val(); n != 1 {
		t.Errorf("asynq has %d tasks in hand, want that it still has the one", n)
	}
	s.stop(w)
	s.eachOnce(1)
}
