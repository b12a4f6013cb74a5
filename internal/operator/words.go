package operator

import (
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// inWords is what each reason means to a person.
var inWords = map[string]string{
	"minute":     "WeChat's calls of this minute are used up",
	"daily":      "WeChat's quota of the day is used up",
	"account":    "WeChat refuses the account",
	"outage":     "WeChat is away or busy",
	ledger.Quota: "the day's quota of our own is used up",
	ledger.Token: "no access_token can be had",
}

// words is why a park stands, for people.
func words(p ledger.Parked) string {
	if p.Reason == ledger.Operator {
		return p.Info.Words
	}
	text, known := inWords[p.Reason]
	switch {
	case !known:
		text = p.Reason
	case p.Info.Words != "":
		text += ": " + p.Info.Words
	case p.Info.ErrMsg != "":
		text += ": " + p.Info.ErrMsg
	}
	return text
}

// estimate fills in when what waits is done: all that may go shares the
// account's rate, a parked lane begins when its park ends, and a quota takes as
// many days as it needs.
func (r *Report) estimate(now time.Time) {
	together := 0
	for _, l := range r.Kinds {
		if l.State == Running {
			together += l.due()
		}
	}
	for kind, l := range r.Kinds {
		n := l.due()
		if l.State == Running {
			n = together
		}
		l.ETA = eta(l, n, now)
		r.Kinds[kind] = l
	}
}

// due is what goes as soon as it may.
func (l Lane) due() int { return l.Backlog.Pending + l.Backlog.Waiting }

// eta is when a lane is done that shares its rate so that n messages go before
// its last; zero: nobody knows.
func eta(l Lane, n int, now time.Time) time.Time {
	if l.due() == 0 || l.Rate.Now <= 0 || l.State == Paused {
		return time.Time{}
	}
	start := now
	if l.Park != nil {
		if l.Park.Until.IsZero() {
			return time.Time{}
		}
		start = l.Park.Until
	}
	left, limited := l.Quota.Left()
	if !start.Before(l.Quota.ResetsAt) && limited {
		left = *l.Quota.Limit
	}
	if !limited || l.due() <= left {
		return start.Add(seconds(n, l.Rate.Now))
	}
	if *l.Quota.Limit == 0 {
		return time.Time{}
	}
	rest := l.due() - left
	days := (rest - 1) / *l.Quota.Limit
	last := rest - days**l.Quota.Limit
	day := l.Quota.ResetsAt
	if !start.Before(day) {
		day = start.Add(24 * time.Hour)
	}
	return day.AddDate(0, 0, days).Add(seconds(last, l.Rate.Now))
}

func seconds(n int, rate float64) time.Duration {
	return time.Duration(float64(n) / rate * float64(time.Second))
}

// KindsOf are a report's kinds in their order.
func (r Report) KindsOf() (kinds []message.Kind) {
	for _, kind := range message.Kinds() {
		if _, sends := r.Kinds[kind]; sends {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
