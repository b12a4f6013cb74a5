package worker_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/sweep"
	"wxdispatch/internal/tasks"
	"wxdispatch/internal/worker"
)

// faultStage is a stage on a Redis of its own, beside others.
func faultStage(t *testing.T) *stage {
	t.Parallel()
	return newStage(t, redistest.Server(t))
}

func (s *stage) book() *ledger.Ledger { return ledger.New(s.redis) }

func (s *stage) inspector() *asynq.Inspector { return asynq.NewInspectorFromRedisClient(s.redis) }

// patient gives calls so much time that what a test makes late is late by its
// own doing.
func patient(cfg *config.Config) { setTimeout(cfg, 10*time.Second) }

// setTimeout is wechat.timeout of all accounts.
func setTimeout(cfg *config.Config, d time.Duration) {
	cfg.WeChat.Timeout = d
	for name, a := range cfg.Accounts {
		a.WeChat.Timeout = d
		cfg.Accounts[name] = a
	}
}

// until polls until what is asked for is there.
func (s *stage) until(what string, there func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 60*time.Second)
	defer cancel()
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	for !there() {
		select {
		case <-ctx.Done():
			s.t.Fatalf("waited in vain until %s; the stand-in: %+v\n%s", what, s.sim.Stats(), s.logs)
		case <-poll.C:
		}
	}
}

// called waits until WeChat has been called n times, heard or not.
func (s *stage) called(n int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 60*time.Second)
	defer cancel()
	if err := s.sim.WaitCalls(ctx, n); err != nil {
		s.t.Fatal(err)
	}
}

// gone waits until asynq has no task of a message.
func (s *stage) gone(m *message.Message) {
	s.t.Helper()
	s.until("the task of "+m.ID+" is gone", func() bool { return s.presence(m) == tasks.Absent })
}

func (s *stage) presence(m *message.Message) tasks.Presence {
	s.t.Helper()
	found, err := s.queue.Presences(s.t.Context(), m.Lane(), []string{m.ID})
	if err != nil {
		s.t.Fatal(err)
	}
	return found[0]
}

// waits waits until the ledger says that a message was put off.
func (s *stage) waits(m *message.Message) {
	s.t.Helper()
	s.until(m.ID+" waits", func() bool {
		rec, err := s.book().Record(s.t.Context(), m.Account, m.ID)
		return err == nil && rec.State == message.Waiting
	})
}

// wantEnd is how a message ended: what a user is told.
func (s *stage) wantEnd(m *message.Message, state message.State, reason string) *message.Record {
	s.t.Helper()
	rec := s.ended(m.Account, m.ID)
	if rec.State != state || rec.Reason != reason {
		s.t.Fatalf("%s ended %s %q, want %s %q; its history: %+v\n%s", m.ID, rec.State, rec.Reason, state, reason, rec.History, s.logs)
	}
	return rec
}

// byHand enqueues a message as someone might who knows asynq and not us.
func (s *stage) byHand(m *message.Message, options ...asynq.Option) {
	s.t.Helper()
	data, err := tasks.Encode(message.Job{Message: m, Created: time.Now()})
	if err != nil {
		s.t.Fatal(err)
	}
	options = append(options, asynq.Queue(keys.Queue(m.Lane())), asynq.TaskID(m.ID))
	if _, err := asynq.NewClientFromRedisClient(s.redis).Enqueue(asynq.NewTask(keys.TaskType(m.Kind), data), options...); err != nil {
		s.t.Fatal(err)
	}
}

// dead is a run that was killed between begin and settle, as its worker left
// it: the message in its queue, the record held by nobody who lives.
func (s *stage) dead(m *message.Message, resend time.Duration) {
	s.t.Helper()
	leave, err := s.book().Begin(s.t.Context(), message.Attempt{Run: "dead", Message: m, Created: time.Now(),
		Window: time.Millisecond, Resend: resend, MaxAttempts: 12, Keep: time.Hour})
	if err != nil || leave.Decision != message.Send {
		s.t.Fatalf("the run that dies: %+v, %v", leave, err)
	}
}

// tidier is the housekeeping of a minute, a minute a call.
func (s *stage) tidier(w *worker.Worker, account string) (tidy func()) {
	now := time.Now()
	sweeper := w.SweeperAt(account, func() time.Time { return now })
	return func() {
		s.t.Helper()
		s.tidied(sweeper, account)
		now = now.Add(time.Minute)
	}
}

func (s *stage) tidied(sweeper *sweep.Sweeper, account string) {
	s.t.Helper()
	s.redis.Del(s.t.Context(), keys.Claim(account, "tidy")) // the last one's claim is over after a minute
	if err := sweeper.Tidy(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// tap sits between a worker and Redis and sees the scripts that decide.
type tap struct {
	// each carries a script out by calling pass, once or not at all; what it
	// returns is what the worker hears.
	each func(ctx context.Context, s script, pass func() error) error
}

// script is one call of a script: begin and settle of the ledger, and asynq's
// done.
type script struct {
	name, id string
	cmd      redis.Cmder
}

// tapped starts a worker behind a tap.
func (s *stage) tapped(each func(ctx context.Context, c script, pass func() error) error, change ...func(*config.Config)) *worker.Worker {
	s.t.Helper()
	w := s.assembled(change...)
	w.Redis().AddHook(&tap{each})
	return s.start(w)
}

// decided is the line in front of a decision's messages, as lua/turn.lua reads it.
// Accept is a settle in few words.
var decided = regexp.MustCompile(`^(begin|settle|accept) \d+ \d+ \d+ `)

func (p *tap) DialHook(next redis.DialHook) redis.DialHook { return next }

func (p *tap) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			s, ok := p.read(cmd)
			if !ok {
				continue
			}
			err := p.each(ctx, s, func() error { return next(ctx, cmds) })
			if err != nil {
				for _, cmd := range cmds {
					cmd.SetErr(err)
				}
			}
			return err
		}
		return next(ctx, cmds)
	}
}

func (p *tap) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		s, ok := p.read(cmd)
		if !ok {
			return next(ctx, cmd)
		}
		err := p.each(ctx, s, func() error { return next(ctx, cmd) })
		if err != nil {
			cmd.SetErr(err)
		}
		return err
	}
}

func (p *tap) read(cmd redis.Cmder) (script, bool) {
	args := cmd.Args()
	if name := args[0]; name != "eval" && name != "evalsha" {
		return script{}, false
	}
	keys := args[3 : 3+args[2].(int)]
	for i, arg := range args[3+len(keys):] {
		text, _ := arg.(string)
		if line := decided.FindStringSubmatch(text); line != nil {
			name := strings.Replace(line[1], "accept", "settle", 1)
			return script{name, args[3+len(keys)+i+2].(string), cmd}, true // the line, the run, the id
		}
	}
	// What is done: active, lease, processed today, processed, the tasks.
	if len(keys) == 5 && strings.HasSuffix(keys[0].(string), ":active") && strings.Contains(keys[2].(string), ":processed:") {
		return script{"done", args[3+len(keys)+2].(string), cmd}, true
	}
	return script{}, false
}

// broken is what is heard of a connection that broke.
func broken() error { return &fault.Error{Op: "tap", Message: "the connection broke"} }
