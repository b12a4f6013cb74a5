package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/secrettest"
)

// desk stands behind all of the dispatcher's interfaces and writes down what
// it is asked, in order. What it answers is a queue for each.
type desk struct {
	mu       sync.Mutex
	calls    []string
	begins   []message.Leave // answered in turn; the last one stays
	down     int             // so many trips to the ledger fail first
	answers  []message.Answer
	settled  []message.Settlement
	runs     []string
	answered []fault.Class     // what the pace was told
	after    func(call string) // runs after each call
}

func (d *desk) note(call string) {
	d.mu.Lock()
	d.calls = append(d.calls, call)
	d.mu.Unlock()
	if d.after != nil {
		d.after(call)
	}
}

func (d *desk) Token(context.Context) (string, error) { d.note("token"); return "t1", nil }
func (d *desk) Refresh(_ context.Context, stale string) (string, error) {
	d.note("refresh " + stale)
	return "t2", nil
}
func (d *desk) Slot(ctx context.Context, batch bool) (func(), time.Time, error) {
	if ctx.Err() != nil {
		return nil, time.Time{}, ctx.Err()
	}
	if batch {
		d.note("slot of a batch")
	} else {
		d.note("slot")
	}
	return func() { d.note("release") }, time.Now().Add(70 * time.Millisecond), nil
}

func (d *desk) Answered(class fault.Class) { d.answered = append(d.answered, class) }

func (d *desk) away() error {
	if d.down == 0 {
		return nil
	}
	d.down--
	return &fault.Error{Op: "test", Class: fault.Unavailable}
}

func (d *desk) Begin(_ context.Context, a message.Attempt) (message.Leave, error) {
	d.note("begin")
	d.runs = append(d.runs, a.Run)
	if err := d.away(); err != nil {
		return message.Leave{}, err
	}
	leave := d.begins[0]
	if len(d.begins) > 1 {
		d.begins = d.begins[1:]
	}
	return leave, nil
}

func (d *desk) Settle(_ context.Context, s message.Settlement) (message.Settled, error) {
	d.note("settle")
	if err := d.away(); err != nil {
		return message.Settled{}, err
	}
	d.settled = append(d.settled, s)
	return message.Settled{State: s.Clear.State, Reason: s.Clear.Reason, After: s.Clear.After, Parked: s.Park != nil}, nil
}

func (d *desk) Send(_ context.Context, _ *message.Message, token, id string) message.Answer {
	d.note("send " + token + " " + id)
	answer := d.answers[0]
	if len(d.answers) > 1 {
		d.answers = d.answers[1:]
	}
	return answer
}

func (d *desk) Reach(context.Context) error {
	d.note("reach")
	return d.away()
}

func (d *desk) KeepPayload(context.Context, *message.Message, time.Duration) error {
	d.note("keep")
	return nil
}

func (d *desk) Attempted(*message.Message, fault.Class, time.Duration) {}
func (d *desk) Waited(*message.Message, time.Duration)                 {}
func (d *desk) Ended(*message.Message, message.State)                  {}

var sendLeave = message.Leave{Decision: message.Send, State: message.Sending, Attempt: 1, Life: 1}

func newDesk(answers ...message.Answer) *desk {
	return &desk{begins: []message.Leave{sendLeave}, answers: answers}
}

func (d *desk) dispatcher() *Dispatcher {
	return &Dispatcher{Tokens: d, Pace: d, Ledger: d, Sender: d, Watch: d, Rules: testRules,
		Log: slog.New(slog.DiscardHandler), Dying: make(chan struct{}), Unwritten: &Unwritten{}}
}

func testJob() message.Job {
	return message.Job{Created: time.Now(), Message: &message.Message{
		ID: "order-1", Account: "shop", Kind: message.Template, Body: &message.TemplateBody{ToUser: "o1", Template: "t"}}}
}

func (d *desk) handle(ctx context.Context) message.Verdict {
	return d.dispatcher().Handle(ctx, testJob())
}

// count is how many calls began so.
func (d *desk) count(prefix string) int {
	n := 0
	for _, call := range d.calls {
		if strings.HasPrefix(call, prefix) {
			n++
		}
	}
	return n
}

func (d *desk) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(d.calls, want) {
		t.Fatalf("calls:\n got %q\nwant %q", d.calls, want)
	}
}

var okAnswer = message.Answer{Class: fault.OK, MsgID: "1"}

func TestTheWayOfAMessage(t *testing.T) {
	d := newDesk(okAnswer)
	v := d.handle(t.Context())
	if v.Next != message.Done || v.State != message.Accepted {
		t.Fatalf("got %+v, want done, accepted", v)
	}
	d.wantCalls(t, "token", "slot", "begin", "send t1 order-1", "release", "settle")
}

func TestABatchWaitsAtItsOwnDoorUntilItHasBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(message.Answer{Class: fault.Token, Code: 40001}, message.Answer{Class: fault.Busy, Code: -1}, okAnswer)
		d.after = func(call string) {
			if call == "begin" && d.count("begin") == 1 {
				time.Sleep(101 * time.Millisecond) // the slot has gone stale
			}
		}
		job := testJob()
		job.Message.Batch = "spring"
		d.dispatcher().Handle(t.Context(), job)
		d.wantCalls(t, "token", "slot of a batch", "begin", "release", "slot", "send t1 order-1", "refresh t1", "release", "slot", "send t2 order-1",
			"release", "settle", "token", "slot of a batch", "begin", "send t1 order-1", "release", "settle")
		if want := []fault.Class{fault.Token, fault.Busy, fault.OK}; !slices.Equal(d.answered, want) {
			t.Errorf("the pace was told %v, want %v", d.answered, want)
		}
	})
}

func TestOneResendAfterATokenThatWasNotGood(t *testing.T) {
	bad := message.Answer{Class: fault.Token, Code: 40001}
	t.Run("good then", func(t *testing.T) {
		d := newDesk(bad, okAnswer)
		d.handle(t.Context())
		d.wantCalls(t, "token", "slot", "begin", "send t1 order-1", "refresh t1", "release", "slot", "send t2 order-1", "release", "settle")
	})
	t.Run("bad again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			d := newDesk(bad)
			d.after = func(call string) {
				if call == "settle" {
					cancel()
				}
			}
			v := d.handle(ctx)
			if v.Next != message.Again || v.Reason != "token" {
				t.Fatalf("got %+v, want again because of the token", v)
			}
			d.wantCalls(t, "token", "slot", "begin", "send t1 order-1", "refresh t1", "release", "slot", "send t2 order-1", "release", "settle")
		})
	})
}

// What a dispatcher says of its tokens is nothing, whatever WeChat answers.
func TestNoTokenInLogsAndVerdicts(t *testing.T) {
	for _, class := range []fault.Class{fault.Token, fault.Account, fault.Busy, fault.Unanswered, fault.Payload, fault.OK} {
		synctest.Test(t, func(t *testing.T) {
			var log strings.Builder
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			d := &vault{newDesk(message.Answer{Class: class, Code: 40001, Message: "no"})}
			d.after = func(call string) {
				if call == "settle" {
					cancel()
				}
			}
			dispatcher := d.dispatcher()
			dispatcher.Tokens = d
			dispatcher.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			verdict := dispatcher.Handle(ctx, testJob())
			said := fmt.Sprintf("%s %+v", &log, verdict)
			for _, s := range d.settled {
				said += fmt.Sprintf("%+v", s.Answer)
			}
			secrettest.Hidden(t, "log, verdict or settlement", said, oldToken, newToken)
			if !strings.Contains(log.String(), "settled") {
				t.Error("the log says nothing at all")
			}
		})
	}
}

const (
	oldToken = "old-token-0123456789"
	newToken = "new-token-0123456789"
)

// vault is a desk with tokens that can be found again.
type vault struct{ *desk }

func (vault) Token(context.Context) (string, error)           { return oldToken, nil }
func (vault) Refresh(context.Context, string) (string, error) { return newToken, nil }

// poor is a desk without a token.
type poor struct {
	*desk
	after time.Duration
}

func (p poor) Token(context.Context) (string, error) {
	return "", &fault.Error{Op: "token.fetch", Class: fault.Account, Code: 40125, RetryAfter: p.after}
}

func TestWithoutATokenAMessageIsPutOffUntouched(t *testing.T) {
	for after, want := range map[time.Duration]time.Duration{5500 * time.Millisecond: 5500 * time.Millisecond, 20 * time.Second: tokenWait, 30 * time.Minute: tokenWait} {
		d := poor{newDesk(), after}
		dispatcher := d.dispatcher()
		dispatcher.Tokens = d
		if v := dispatcher.Handle(t.Context(), testJob()); v.Next != message.Again || v.After != want || v.Reason != "token: account" {
			t.Errorf("%+v, want again after %v", v, want)
		}
		d.wantCalls(t)
	}
}

func TestShortWaitsAreWaitedInTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(message.Answer{Class: fault.Busy, Code: -1}, okAnswer)
		start := time.Now()
		if v := d.handle(t.Context()); v.State != message.Accepted {
			t.Fatalf("got %+v, want accepted", v)
		}
		if took := time.Since(start); took < time.Second/2 || took > time.Second {
			t.Fatalf("waited %v, want between half of min_delay and min_delay", took)
		}
	})
}

func TestLongWaitsGoBackToTheQueue(t *testing.T) {
	d := newDesk(message.Answer{Class: fault.Busy, Code: -1})
	rules := testRules
	rules.MinDelay, rules.MaxDelay = 10*time.Minute, 10*time.Minute
	dispatcher := d.dispatcher()
	dispatcher.Rules = rules
	if v := dispatcher.Handle(t.Context(), testJob()); v.Next != message.Again || v.After <= shortWait || v.Parked {
		t.Fatalf("got %+v, want again after a long time", v)
	}
}

// TestAParkIsNotWaitedFor: what meets a park goes back to the queue at once,
// which stops, and neither costs an attempt nor holds a handler.
func TestAParkIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		d := newDesk(message.Answer{Class: fault.Daily, Code: 45009})
		if v := d.handle(t.Context()); v.Next != message.Again || v.After != inFlight || !v.Parked {
			t.Fatalf("an answer that parks: got %+v, want again after %s, parked", v, inFlight)
		}
		if !d.settled[0].Clear.GiveBack {
			t.Fatal("a used-up quota cost an attempt")
		}
		d = newDesk()
		d.begins = []message.Leave{{Decision: message.PutOff, State: message.Queued, Reason: "quota", After: time.Second, Parked: true}}
		if v := d.handle(t.Context()); v.Next != message.Again || v.Reason != "quota" || !v.Parked {
			t.Fatalf("a begin that meets a park: got %+v", v)
		}
		if took := time.Since(start); took > 0 {
			t.Fatalf("the handler waited for %s", took)
		}
	})
}

func TestAFinalMessageIsNotSent(t *testing.T) {
	for state, want := range map[message.State]message.Next{
		message.Accepted: message.Done, message.Delivered: message.Done, message.Cancelled: message.Done,
		message.Refused: message.Stop, message.InDoubt: message.Stop, message.Expired: message.Stop,
	} {
		d := newDesk()
		d.begins = []message.Leave{{Decision: message.Ended, State: state}}
		if v := d.handle(t.Context()); v.Next != want {
			t.Errorf("%s: got %+v, want %s", state, v, want)
		}
		calls := []string{"token", "slot", "begin", "release"}
		if want == message.Stop {
			calls = []string{"token", "slot", "begin", "keep", "release"}
		}
		d.wantCalls(t, calls...)
	}
}

func TestABeginThatWasNotHeardIsAskedAgainWithTheSameRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(okAnswer)
		d.down = 2
		if v := d.handle(t.Context()); v.State != message.Accepted {
			t.Fatalf("got %+v, want accepted", v)
		}
		if len(d.runs) != 3 || d.runs[0] != d.runs[2] {
			t.Fatalf("runs %q: want the same run three times", d.runs)
		}
		// The slot had gone stale meanwhile: the call took another one.
		d.wantCalls(t, "token", "slot", "begin", "begin", "begin", "release", "slot", "send t1 order-1", "release", "settle")
	})
}

// Redis is away for longer than the leave it might have given is good for: the
// user is not written to, and the attempt does not count.
func TestARedisThatStaysAwayIsNotSentPast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(okAnswer)
		d.down = 1 << 20
		d.after = func(call string) {
			if call == "settle" {
				d.down = 0 // Redis is back once the dispatcher has given up asking
			}
		}
		v := d.dispatcher().once(t.Context(), testJob())
		if v.Next != message.Again {
			t.Fatalf("got %+v, want that the message comes back", v)
		}
		if d.count("send") != 0 {
			t.Fatalf("sent without leave: %q", d.calls)
		}
		if d.count("begin") < 2 || slices.ContainsFunc(d.runs, func(run string) bool { return run != d.runs[0] }) {
			t.Fatalf("runs %q: want the same run asked for again and again", d.runs)
		}
		if got := d.settled[0]; !got.Clear.GiveBack || got.Answer.Class != fault.Unsent {
			t.Fatalf("got %+v, want the attempt given back as surely unsent", got)
		}
	})
}

// Leave that was given, but too late for a call within the run's window, is
// given back, too.
func TestALeaveThatComesTooLateIsNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(okAnswer)
		d.after = func(call string) {
			if call == "begin" {
				time.Sleep(testRules.Window()) // Redis answers as late as that (the bubble's clock)
			}
		}
		if v := d.dispatcher().once(t.Context(), testJob()); v.Next != message.Again {
			t.Fatalf("got %+v, want that the message comes back", v)
		}
		d.wantCalls(t, "token", "slot", "begin", "settle", "release")
		if !d.settled[0].Clear.GiveBack {
			t.Fatal("the attempt was not given back")
		}
	})
}

// A settle that Redis never takes ends with the process; the task stays, so
// that the next begin holds the attempt as a doubt.
func TestAWorkerThatMustEndDoesNotWaitForRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, dying := newDesk(okAnswer), make(chan struct{})
		d.after = func(call string) {
			if call == "send t1 order-1" {
				d.down = 1 << 20
				time.AfterFunc(20*time.Second, func() { close(dying) })
			}
		}
		dispatcher := d.dispatcher()
		dispatcher.Dying = dying
		v := dispatcher.once(t.Context(), testJob())
		if v.Next != message.Again || v.State != message.Sending {
			t.Fatalf("got %+v, want that the task stays while the message counts as sending", v)
		}
		if d.count("settle") < 2 || d.count("send") != 1 {
			t.Fatalf("calls %q: want one send and a settle that was tried to the end", d.calls)
		}
	})
}

func TestNoCallIsStartedWhenTheWorkerEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := newDesk(okAnswer)
	d.after = func(call string) {
		if call == "begin" {
			cancel()
		}
	}
	v := d.handle(ctx)
	if v.Next != message.Again {
		t.Fatalf("got %+v, want again", v)
	}
	d.wantCalls(t, "token", "slot", "begin", "settle", "release")
	if !d.settled[0].Clear.GiveBack {
		t.Fatal("the attempt was not given back")
	}
}

func TestASettleIsRepeatedUntilRedisTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := newDesk(okAnswer)
		d.after = func(call string) {
			if call == "send t1 order-1" {
				cancel() // what was begun is written down all the same
				d.down = 40
			}
		}
		if v := d.handle(ctx); v.State != message.Accepted {
			t.Fatalf("got %+v, want accepted", v)
		}
	})
}

func TestAnOutageIsTriedWithoutASendFirst(t *testing.T) {
	trial := sendLeave
	trial.Outage = true
	t.Run("over", func(t *testing.T) {
		d := newDesk(okAnswer)
		d.begins = []message.Leave{trial}
		if v := d.handle(t.Context()); v.State != message.Accepted {
			t.Fatalf("got %+v, want accepted", v)
		}
		d.wantCalls(t, "token", "slot", "begin", "reach", "send t1 order-1", "release", "settle")
	})
	t.Run("not over", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := newDesk(okAnswer)
		d.begins = []message.Leave{trial}
		d.after = func(call string) {
			if call == "reach" {
				d.down = 1
			}
			if call == "settle" {
				cancel()
			}
		}
		v := d.handle(ctx)
		if v.Next != message.Again || v.Reason != "outage: unsent" {
			t.Fatalf("got %+v, want again because of the outage", v)
		}
		d.wantCalls(t, "token", "slot", "begin", "reach", "settle", "release")
		if s := d.settled[0]; !s.Clear.GiveBack || s.Sign != message.BadSign || s.Answer.Class != fault.Unsent {
			t.Fatalf("settled %+v, want an uncounted sign that WeChat is away", s)
		}
	})
}
