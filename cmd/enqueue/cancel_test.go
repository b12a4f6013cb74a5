package main

import (
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func later(id string) string {
	return strings.Replace(order(id, "1"), `"kind"`, `"send_at":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`","kind"`, 1)
}

func TestCancelWhereverAMessageStands(t *testing.T) {
	busy := message.Outcome{State: message.Waiting, Reason: "busy", After: time.Minute}
	waiting := func(p *plant) {
		m := p.decode(order("a", "1"))
		p.settle(m, p.begin(m), busy, message.Answer{Class: fault.Busy, Code: -1})
	}
	sending := func(p *plant) { p.begin(p.decode(order("a", "1"))) }
	cases := []struct {
		name  string
		text  string // sent before
		then  func(p *plant)
		exit  int
		state message.State
		note  string
		task  string // left
	}{
		{"scheduled", later("a"), nil, exitOK, message.Cancelled, "", ""},
		{"pending", order("a", "1"), nil, exitOK, message.Cancelled, "", "pending"},
		{"waiting", order("a", "1"), waiting, exitOK, message.Cancelled, "", "pending"},
		{"waiting without a task", "", waiting, exitOK, message.Cancelled, "", ""},
		{"sending", order("a", "1"), sending, exitRefused, message.Sending, "it is being sent right now", "pending"},
		{"refused", order("a", "1"), func(p *plant) { p.refused("a") }, exitRefused, message.Refused, "too late to cancel: it is refused", "pending"},
		{"in doubt", order("a", "1"), func(p *plant) { p.doubt("a") }, exitRefused, message.InDoubt, "too late to cancel: it is in_doubt", "pending"},
		{"nobody knows it", "", nil, exitRefused, "", "account shop has no message a", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			eachPlant(t, func(p *plant) {
				if c.text != "" {
					p.run(c.text, "send").exits(exitOK)
				}
				if c.then != nil {
					c.then(p)
				}
				for range 2 { // the second time changes nothing
					got := p.run("", "cancel", "shop", "a").exits(c.exit)
					if !strings.Contains(got.out, c.note) || !strings.Contains(got.out, string(c.state)) {
						p.t.Errorf("told:\n%s", got.out)
					}
				}
				if c.state != "" {
					p.stands("a", c.state)
				}
				if task := p.task("a"); task != c.task {
					p.t.Errorf("its task is %q, want %q", task, c.task)
				}
			})
		})
	}
}

// A pending task finds the mark and sends nothing.
func TestCancelledIsNeverSent(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.run(order("a", "1"), "send").exits(exitOK)
		p.run("", "cancel", "shop", "a").exits(exitOK)
		leave, err := p.ledger.Begin(p.t.Context(), message.Attempt{Run: "r", Message: p.decode(order("a", "1")),
			Created: time.Now(), Window: time.Minute, MaxAttempts: 3, Keep: time.Hour})
		if err != nil || leave.Decision == message.Send || leave.State != message.Cancelled {
			p.t.Errorf("a run may send: %+v, %v", leave, err)
		}
		if again := p.run(order("a", "1"), "send", "--json").exits(exitOK).lines()[0]; again["state"] != "cancelled" {
			p.t.Errorf("handed over again: %v", again)
		}
	})
}

// What was sent perhaps cannot be called back; a person may still send it again.
func TestCancelOfAnUnansweredMessageIsADoubt(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.run(order("a", "1"), "send").exits(exitOK)
		m := p.decode(order("a", "1"))
		p.settle(m, p.begin(m), message.Outcome{State: message.Waiting, Reason: "unanswered", After: time.Minute}, silence)
		got := p.run("", "cancel", "shop", "a", "--json").exits(exitRefused).lines()[0]
		if got["state"] != "in_doubt" || got["error"].(map[string]any)["code"] != "conflict" {
			p.t.Errorf("told %v", got)
		}
		if p.stands("a", message.InDoubt); !p.kept("a") {
			p.t.Error("its content is gone: nobody could send it again")
		}
	})
}

func TestCancelSeveral(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.run(later("a")+later("b"), "send").exits(exitOK)
		p.refused("c")
		lines := p.run("", "cancel", "shop", "a", "c", "b", "--json").exits(exitRefused).lines()
		if len(lines) != 3 || lines[0]["state"] != "cancelled" || lines[1]["state"] != "refused" || lines[2]["state"] != "cancelled" {
			p.t.Errorf("told %v", lines)
		}
		p.waits(0)
		p.run("", "cancel", "shop").exits(exitUsage).says("write enqueue cancel ACCOUNT ID…")
		p.run("", "cancel", "nobody", "a").exits(exitUsage).says("known are mini (miniprogram), shop (official)")
		p.run("", "cancel", "Shop", "a").exits(exitUsage).says(`found the account "Shop"`)
	})
}
