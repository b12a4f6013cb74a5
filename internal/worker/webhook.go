package worker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/config"
	"wxdispatch/internal/events"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/store"
)

const (
	// toldFor is how long a post is tried; then its events stay in the stream.
	toldFor = 24 * time.Hour
	// tellers is how many posts of an account are under way at once.
	tellers = 4
	// tries is more than a day has room for: toldFor ends it.
	tries = 1000
	// longestPost is more than one post may take.
	longestPost = 30 * time.Second
	// slowest is the longest wait between two tries.
	slowest = 10 * time.Minute
)

// webhook tells one account's app what became of its messages. A nil one does
// nothing.
type webhook struct {
	hook      *events.Webhook
	pump      *events.Pump
	server    *asynq.Server
	transport *http.Transport
	log       *slog.Logger
}

// newWebhook is nil where the account has no events.url.
func newWebhook(name string, cfg config.Account, g ground) *webhook {
	if cfg.Events.URL == "" {
		return nil
	}
	w := &webhook{log: g.log.With(slog.String("account", name)),
		transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: tellers, ForceAttemptHTTP2: true}}
	stream := events.NewStream(g.redis)
	w.hook = events.NewWebhook(cfg.Events.URL, cfg.Events.Secret.Reveal(), stream, w.transport)
	queue := posts{asynq.NewClientFromRedisClient(g.redis), asynq.NewInspectorFromRedisClient(g.redis)}
	w.pump = events.NewPump(name, stream, queue, g.book, g.log)
	w.server = asynq.NewServerFromRedisClient(store.Repairing(g.redis), asynq.Config{
		Concurrency: tellers, Queues: map[string]int{keys.WebhookQueue(name): 1},
		RetryDelayFunc:  func(n int, _ error, _ *asynq.Task) time.Duration { return again(n) },
		ShutdownTimeout: g.cfg.Worker.ShutdownTimeout - returnMargin,
		LogLevel:        asynq.FatalLevel,
	})
	return w
}

// again is the wait before the next try: 1 s, doubling.
func again(failed int) time.Duration { return min(time.Second<<min(failed, 20), slowest) }

func (w *webhook) start() error {
	if w == nil {
		return nil
	}
	if err := w.server.Start(asynq.HandlerFunc(w.tell)); err != nil {
		return &fault.Error{Op: "worker.webhook", Class: fault.Unavailable, Message: "the webhook's queue did not start", Err: err}
	}
	w.pump.Start()
	return nil
}

func (w *webhook) stop() {
	if w == nil {
		return
	}
	w.pump.Stop()
	w.server.Shutdown()
	w.transport.CloseIdleConnections()
}

// tell posts one range. What is no range is not tried again.
func (w *webhook) tell(ctx context.Context, task *asynq.Task) error {
	r, err := events.Decode(task.Payload())
	if err != nil {
		return errors.Join(err, asynq.SkipRetry)
	}
	if err := w.hook.Deliver(ctx, r); err != nil {
		tried, _ := asynq.GetRetryCount(ctx)
		w.log.Warn("the webhook was not told; it is tried again for a day, and the events stay in the stream",
			slog.Int("tried", tried+1), slog.Any("error", err))
		if time.Since(r.Since) > toldFor {
			return errors.Join(err, asynq.SkipRetry)
		}
		return err
	}
	return nil
}

// posts is the account's queue in asynq.
type posts struct {
	client    *asynq.Client
	inspector *asynq.Inspector
}

// Waiting counts everything but what was told and what was given up.
func (p posts) Waiting(_ context.Context, account string) (int, error) {
	queues, err := p.inspector.Queues()
	if err == nil && !slices.Contains(queues, keys.WebhookQueue(account)) {
		return 0, nil // nothing was ever put there
	}
	var info *asynq.QueueInfo
	if err == nil {
		info, err = p.inspector.GetQueueInfo(keys.WebhookQueue(account))
	}
	if err != nil {
		return 0, &fault.Error{Op: "worker.webhook", Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
	}
	return info.Pending + info.Active + info.Retry + info.Scheduled, nil
}

// Put enqueues one post. A range that waits already is not enqueued again.
func (p posts) Put(ctx context.Context, r events.Range) error {
	_, err := p.client.EnqueueContext(ctx, asynq.NewTask(keys.WebhookTask, r.Encode()),
		asynq.Queue(keys.WebhookQueue(r.Account)), asynq.TaskID(r.ID()), asynq.MaxRetry(tries), asynq.Timeout(longestPost))
	if err == nil || errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return &fault.Error{Op: "worker.webhook", Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}
