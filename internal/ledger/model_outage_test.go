package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// storm is a kind of an account while WeChat is away.
type storm struct {
	*desk
	client redis.UniversalClient
}

// of is the same desk with another message on it.
func (s storm) of(n int) storm {
	d := *s.desk
	m := *d.m
	m.ID = fmt.Sprint("order-", n)
	d.m, d.ask.Message = &m, &m
	return storm{&d, s.client}
}

func (s storm) says(run string, class fault.Class, sign message.Sign, clear message.Outcome) message.Settled {
	s.t.Helper()
	settled, err := s.ledger.Settle(context.Background(), message.Settlement{
		Run: run, Message: s.m, Answer: message.Answer{Class: class}, Clear: clear, Doubt: usedUpOutcome, Sign: sign, Keep: time.Hour,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return settled
}

// busy is a bad sign, from an attempt that would be the message's last.
func (s storm) busy(run string) message.Settled {
	s.t.Helper()
	return s.says(run, fault.Busy, message.BadSign, failedOutcome)
}

// parked answers the park's words; nil: it is not parked.
func (s storm) parked() []string {
	s.t.Helper()
	text, err := s.client.HGet(context.Background(), "wxd:{shop}:park", "template").Result()
	if err != nil && err != redis.Nil {
		s.t.Fatal(err)
	}
	return strings.Fields(text)
}

// next is how long it is until somebody tries whether the park is over.
func (s storm) next() time.Duration {
	s.t.Helper()
	parks, now, err := s.ledger.Parks(context.Background(), "shop")
	if err != nil || len(parks) != 1 {
		s.t.Fatalf("parks: %+v, %v", parks, err)
	}
	return parks[0].Next.Sub(now)
}

// pass lets the park's time pass, by moving it into the past.
func (s storm) pass() {
	s.t.Helper()
	p := s.parked()
	if p == nil {
		s.t.Fatal("it is not parked")
	}
	long := time.Now().Add(-time.Minute).UnixMilli()
	text := fmt.Sprintf("%d %d %s %s", long, long, p[2], p[3])
	if err := s.client.HSet(context.Background(), "wxd:{shop}:park", "template", text).Err(); err != nil {
		s.t.Fatal(err)
	}
}

// outage begins n calls and lets all find WeChat away.
func (s storm) outage(n int) {
	s.t.Helper()
	for i := range n {
		s.want("a call before the outage", s.of(i).begin("r").Decision, message.Send)
	}
	for i := range n {
		s.of(i).busy("r")
	}
}

func eachStorm(t *testing.T, test func(s storm)) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		test(storm{newDesk(t, client), client})
	})
}

func TestNineBadSignsAreNoOutage(t *testing.T) {
	eachStorm(t, func(s storm) {
		s.outage(9)
		s.want("park", len(s.parked()), 0)
		s.of(100).begin("r")
		s.of(100).says("r", fault.OK, message.GoodSign, acceptedOutcome)
		for i := 200; i < 209; i++ {
			s.of(i).begin("r")
			s.of(i).busy("r")
		}
		s.want("park, after a good sign and nine bad ones", len(s.parked()), 0)
	})
}

func TestSilentAnswersSayNothing(t *testing.T) {
	eachStorm(t, func(s storm) {
		for i := range 30 {
			s.of(i).begin("r")
			s.of(i).says("r", fault.Token, message.NoSign, waitingOutcome)
		}
		s.want("park", len(s.parked()), 0)
	})
}

// TestCallsUnderWayDoNotEscalate: of the calls that were under way when the
// kind was parked none fails, none is counted, and the park stays the first.
func TestCallsUnderWayDoNotEscalate(t *testing.T) {
	eachStorm(t, func(s storm) {
		s.outage(22)
		s.want("tries", s.parked()[2], 1)
		s.want("reason", s.parked()[3], "outage")
		for i := range 22 {
			rec := s.of(i).record()
			state, attempts := message.Failed, 1
			if i >= 9 { // the tenth finds out that it is WeChat
				state, attempts = message.Waiting, 0
			}
			s.want(fmt.Sprint("state of call ", i), rec.State, state)
			s.want(fmt.Sprint("attempts of call ", i), rec.Attempts, attempts)
		}
	})
}

func TestWhileParkedAllBeginsArePutOff(t *testing.T) {
	eachStorm(t, func(s storm) {
		s.outage(10)
		for i := range 20 {
			leave := s.of(5 + i*20).begin("q") // one that ended, and new ones
			if i == 0 {
				s.want("a message that ended", leave.Decision, message.Ended)
				continue
			}
			s.want("a new message", leave.Decision, message.PutOff)
			s.want("why", leave.Reason, "outage")
			if leave.After <= 0 || leave.After > 5*time.Second {
				s.t.Fatalf("put off by %v, want up to 5s", leave.After)
			}
		}
	})
}

// TestAProbeAtATime: after the park's time one message a window goes through,
// a bad sign from it parks for longer, up to a minute.
func TestAProbeAtATime(t *testing.T) {
	eachStorm(t, func(s storm) {
		s.outage(10)
		for try, wait := range []time.Duration{20, 40, 60, 60, 60} {
			wait *= time.Second
			s.pass()
			probe := s.of(100 + try)
			s.want("the probe", probe.begin("r").Decision, message.Send)
			s.want("the probe asks twice", probe.begin("r").Decision, message.Send)
			for i := range 5 {
				second := s.of(200 + i).begin("r")
				s.want("a second one in the probe's window", second.Decision, message.PutOff)
				if second.After <= 0 || second.After > 5*time.Second || !second.Parked {
					s.t.Fatalf("put off by %v, parked %t; want at most 5s, and parked", second.After, second.Parked)
				}
			}
			s.want("the probe's message", probe.busy("r").State, message.Waiting)
			s.want("its attempts", probe.record().Attempts, 0)
			left := s.next()
			if left <= wait-5*time.Second || left > wait {
				s.t.Fatalf("after try %d the next one in %v, want in %v", try+2, left, wait)
			}
		}
	})
}

func TestAGoodSignFromTheProbeUnparks(t *testing.T) {
	for _, c := range []struct {
		name  string
		class fault.Class
		clear message.Outcome
	}{{"ok", fault.OK, acceptedOutcome}, {"a refusal of this message", fault.Recipient, refusedOutcome}} {
		t.Run(c.name, func(t *testing.T) {
			eachStorm(t, func(s storm) {
				s.outage(10)
				s.pass()
				s.of(100).begin("r")
				s.of(100).says("r", c.class, message.GoodSign, c.clear)
				s.want("park", len(s.parked()), 0)
				for i := range 9 {
					s.want("what comes next", s.of(200+i).begin("r").Decision, message.Send)
					s.of(200 + i).busy("r")
				}
				s.want("the count began anew, park", len(s.parked()), 0)
			})
		})
	}
}

// TestADeadProbeIsReplaced: a probe that never says what came of it holds the
// others for its window only.
func TestADeadProbeIsReplaced(t *testing.T) {
	eachStorm(t, func(s storm) {
		s.outage(10)
		s.pass()
		dead := s.of(100)
		dead.ask.Window = 0
		s.want("the probe", dead.begin("r").Decision, message.Send)
		s.want("the next probe", s.of(101).begin("r").Decision, message.Send)
	})
}

// TestAnOldCallDoesNotUnpark: an answer to a call that began before the park
// says nothing of it.
func TestAnOldCallDoesNotUnpark(t *testing.T) {
	eachStorm(t, func(s storm) {
		s.of(500).begin("r")
		s.outage(10)
		s.of(500).says("r", fault.OK, message.GoodSign, acceptedOutcome)
		s.want("reason", s.parked()[3], "outage")
	})
}
