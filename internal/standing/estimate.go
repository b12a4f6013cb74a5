package standing

import (
	"time"

	"wxdispatch/internal/message"
)

// Estimate fills in when what waits is done: all that may go shares the
// account's rate, a parked lane begins when its park ends, and a quota takes as
// many days as it needs.
func (a *Account) Estimate(now time.Time) {
	together := 0
	for _, l := range a.Kinds {
		if l.State == Running {
			together += l.Due()
		}
	}
	for kind, l := range a.Kinds {
		n := l.Due()
		if l.State == Running {
			n = together
		}
		l.ETA = eta(l, n, now)
		a.Kinds[kind] = l
	}
}

// Due is how much goes as soon as it may.
func (l Lane) Due() int { return l.Backlog.Pending + l.Backlog.Waiting }

// eta is when a lane is done that shares its rate so that n messages go before
// its last; zero: nobody knows.
func eta(l Lane, n int, now time.Time) time.Time {
	if l.Due() == 0 || l.Rate.Now <= 0 || l.State == Paused {
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
	if !limited || l.Due() <= left {
		return start.Add(seconds(n, l.Rate.Now))
	}
	if *l.Quota.Limit == 0 {
		return time.Time{}
	}
	rest := l.Due() - left
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

// Order is the account's kinds in their order.
func (a Account) Order() (kinds []message.Kind) {
	for _, kind := range message.Kinds() {
		if _, sends := a.Kinds[kind]; sends {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Stop adds what stops the lane; what lasts longest is told first.
func (l *Lane) Stop(p Park) {
	l.State = Parked
	if l.Park == nil || outlasts(p, *l.Park) {
		if l.Park != nil {
			l.Others = append(l.Others, *l.Park)
		}
		l.Park = &p
		return
	}
	l.Others = append(l.Others, p)
}

// outlasts tells whether a park is the one to look at first: a person's before
// others, and what has no end before what has one.
func outlasts(a, b Park) bool {
	if (a.By == Person) != (b.By == Person) {
		return a.By == Person
	}
	if a.Until.IsZero() != b.Until.IsZero() {
		return a.Until.IsZero()
	}
	return a.Until.After(b.Until)
}
