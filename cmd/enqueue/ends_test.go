package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// plant is a shell with a ledger and queues behind it, in which a test makes
// messages end as a worker would.
type plant struct {
	*shell
	client    redis.UniversalClient
	ledger    *ledger.Ledger
	inspector *asynq.Inspector
	runs      int
}

func newPlant(t *testing.T, client redis.UniversalClient) *plant {
	addr := client.(*redis.Client).Options().Addr
	return &plant{shell: newShell(t, addr), client: client, ledger: ledger.New(client),
		inspector: asynq.NewInspectorFromRedisClient(client)}
}

func eachPlant(t *testing.T, suite func(p *plant)) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) { suite(newPlant(t, client)) })
}

func (p *plant) decode(text string) *message.Message {
	p.t.Helper()
	m, err := message.Decode([]byte(text))
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

// begin begins the message as a worker's next run.
func (p *plant) begin(m *message.Message) (run string) {
	p.t.Helper()
	p.runs++
	run = fmt.Sprintf("run-%d", p.runs)
	leave, err := p.ledger.Begin(p.t.Context(), message.Attempt{Run: run, Message: m, Created: time.Now(),
		Window: time.Minute, Resend: 9 * time.Minute, MaxAttempts: 3, Keep: time.Hour})
	if err != nil || leave.Decision != message.Send {
		p.t.Fatalf("begin: %+v, %v", leave, err)
	}
	return run
}

func (p *plant) settle(m *message.Message, run string, o message.Outcome, answer message.Answer) {
	p.t.Helper()
	_, err := p.ledger.Settle(p.t.Context(), message.Settlement{Run: run, Message: m, Answer: answer, Clear: o, Doubt: o, Keep: time.Hour})
	if err != nil {
		p.t.Fatal(err)
	}
}

var (
	refusedEnd = message.Outcome{State: message.Refused, Reason: "recipient"}
	failedEnd  = message.Outcome{State: message.Failed, Reason: "attempts"}
	doubtEnd   = message.Outcome{State: message.InDoubt, Reason: "unanswered"}
	noFollower = message.Answer{Class: fault.Recipient, Code: 43004, Message: "require subscribe", RID: "r-i-d"}
	silence    = message.Answer{Class: fault.Unanswered}
)

// ends brings a message to its end as a worker does, with its content kept.
func (p *plant) ends(text string, o message.Outcome, answer message.Answer) *message.Message {
	p.t.Helper()
	m := p.decode(text)
	p.settle(m, p.begin(m), o, answer)
	if err := p.ledger.KeepPayload(p.t.Context(), m, time.Hour); err != nil {
		p.t.Fatal(err)
	}
	return m
}

func (p *plant) refused(id string) *message.Message {
	return p.ends(order(id, "1"), refusedEnd, noFollower)
}
func (p *plant) doubt(id string) *message.Message { return p.ends(order(id, "1"), doubtEnd, silence) }

// stands asks where a message stands.
func (p *plant) stands(id string, want message.State) *message.Record {
	p.t.Helper()
	record, err := p.ledger.Record(p.t.Context(), "shop", id)
	if err != nil {
		p.t.Fatal(err)
	}
	if record.State != want {
		p.t.Errorf("%s is %s, want %s", id, record.State, want)
	}
	return record
}

// task is the state of a message's task, empty when there is none.
func (p *plant) task(id string) string {
	p.t.Helper()
	info, err := p.inspector.GetTaskInfo("shop.template", id)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return ""
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return info.State.String()
}

// waits asks that exactly so many tasks will run.
func (p *plant) waits(want int) {
	p.t.Helper()
	info, err := p.inspector.GetQueueInfo("shop.template")
	if err != nil {
		p.t.Fatal(err)
	}
	if n := info.Pending + info.Scheduled + info.Retry; n != want {
		p.t.Errorf("%d tasks will run, want %d", n, want)
	}
}

// kept tells whether a message's content is kept.
func (p *plant) kept(id string) bool {
	p.t.Helper()
	_, err := p.ledger.Payload(p.t.Context(), "shop", id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		p.t.Fatal(err)
	}
	return err == nil
}

// An app that repeats itself after asynq forgot the task hears how the message
// ended, and that another content is a conflict.
func TestTheSameIDAfterAsynqForgotTheTask(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.run(order("a", "1"), "send").exits(exitOK)
		p.refused("a")
		if err := p.inspector.DeleteTask("shop.template", "a"); err != nil {
			p.t.Fatal(err)
		}
		again := p.run(order("a", "1"), "send", "--json").exits(exitOK).lines()[0]
		if again["duplicate"] != true || again["state"] != "refused" {
			p.t.Errorf("the same again: %v", again)
		}
		p.run(order("a", "2"), "send").exits(exitRefused).says("belongs to a message with other content, which is refused")
		p.waits(0)
	})
}
