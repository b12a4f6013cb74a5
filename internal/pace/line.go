package pace

import (
	"context"
	_ "embed"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
)

var (
	//go:embed lua/lease.lua
	lease string
	//go:embed lua/leave.lua
	leave string
	//go:embed lua/look.lua
	look string

	leaseScript = redis.NewScript(lease)
	leaveScript = redis.NewScript(leave)
	lookScript  = redis.NewScript(look)
)

// line is the account's line of slots, which all its workers share.
type line interface {
	// lease cuts a block off the line. Class Unavailable: it may or may not
	// have been cut, and lapses then.
	lease(ctx context.Context, q question) (grant, error)
	// leave gives back what is left of the last block, and takes the worker's
	// configuration out. Repeating it changes nothing.
	leave(ctx context.Context, worker string, from, to int64) error
}

// question is what a worker asks for, and tells meanwhile.
type question struct {
	worker string
	limits limits
	want   int // slots
	held   int // slots that it has still
	calls  int // answered since its last question
	bad    int // those of them that tell it to slow down
}

// grant is the answer. Moments are microseconds of Redis's clock.
type grant struct {
	slots    int
	from, to int64 // slot i of the block stands at from + i·(to−from)/slots
	now      int64
	wait     time.Duration // until asking for more makes sense; 0: at once
	late     time.Duration // how long after its moment a slot may be used
	workers  int
	rates    Rates
}

// Rates are an account's, in messages a second.
type Rates struct {
	Configured float64 // the lowest of all workers' configurations, or an operator's override
	Now        float64 // in force
	Highest    float64 // of all workers' configurations
}

// keyOf is where a pacer's line is.
func keyOf(o Options) string {
	if o.Batch != "" {
		return keys.BatchPace(o.Account, o.Batch)
	}
	return keys.Pace(o.Account)
}

// redisLine is the line in Redis.
type redisLine struct {
	client redis.UniversalClient
	key    string
}

func (r redisLine) lease(ctx context.Context, q question) (grant, error) {
	values, err := leaseScript.Run(ctx, r.client, []string{r.key}, q.worker,
		number(q.limits.rate), q.limits.burst, q.want, q.held, q.calls, q.bad).Slice()
	if err != nil {
		return grant{}, unavailable("pace.lease", err)
	}
	var n [7]int64
	var f [3]float64
	for i, value := range values {
		switch value := value.(type) {
		case int64:
			n[min(i, 6)] = value
		case string:
			f[max(0, min(i-7, 2))], _ = strconv.ParseFloat(value, 64)
		}
	}
	return grant{
		slots: int(n[0]), from: n[1], to: n[2], now: n[3], wait: micro(n[4]), late: micro(n[5]), workers: int(n[6]),
		rates: Rates{Configured: f[0], Now: f[1], Highest: f[2]},
	}, nil
}

func (r redisLine) leave(ctx context.Context, worker string, from, to int64) error {
	err := leaveScript.Run(ctx, r.client, []string{r.key}, worker, from, to).Err()
	if err != nil {
		return unavailable("pace.leave", err)
	}
	return nil
}

func micro(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func unavailable(op string, err error) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}
