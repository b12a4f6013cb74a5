package operator

import (
	"context"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
)

// Report is how an account stands.
type Report struct {
	Account string                `json:"account"`
	Type    message.AccountType   `json:"type"`
	Kinds   map[message.Kind]Lane `json:"kinds"`
}

// The states of a lane.
const (
	Running = "running"
	Parked  = "parked"
	Paused  = "paused" // an operator paused its queue in the web UI
)

// Lane is how one kind of an account stands.
type Lane struct {
	State   string    `json:"state"`
	Park    *Park     `json:"park,omitempty"` // the one that a person or time ends last
	Others  []Park    `json:"other_parks,omitempty"`
	Backlog Backlog   `json:"backlog"`
	OldestS int       `json:"oldest_s"`     // for how long the oldest pending message is due
	ETA     time.Time `json:"eta,omitzero"` // when what waits is done; zero: nobody knows
	Rate    Rate      `json:"rate"`
	Quota   Quota     `json:"quota"`
}

// Park is what stops a lane, by whom and why.
type Park struct {
	By        string    `json:"by"`            // wechat, quota, token, operator
	Who       string    `json:"who,omitempty"` // the person
	Reason    string    `json:"reason"`        // minute, daily, account, outage, quota, token; or the person's words
	Words     string    `json:"words"`         // the same for people
	AllKinds  bool      `json:"all_kinds"`
	ErrCode   int       `json:"errcode,omitempty"`
	ErrMsg    string    `json:"errmsg,omitempty"`
	RID       string    `json:"rid,omitempty"`
	Host      string    `json:"host,omitempty"` // which met it
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until,omitzero"`      // zero: until somebody ends it, or a probe does
	NextProbe time.Time `json:"next_probe,omitzero"` // zero: nobody tries
}

// Backlog is what waits.
type Backlog struct {
	Pending   int `json:"pending"`
	Scheduled int `json:"scheduled"`
	Waiting   int `json:"waiting"`
	InDoubt   int `json:"in_doubt"`
}

// Rate is the account's pace in messages a second, all kinds together.
type Rate struct {
	Configured float64 `json:"configured"` // 0: no worker has announced it
	Now        float64 `json:"now"`
}

// Quota is the kind's day. Limit is nil where there is none of ours.
type Quota struct {
	Used     int       `json:"used"`
	Limit    *int      `json:"limit"`
	ResetsAt time.Time `json:"resets_at"`
}

// Left is how many may still go today, at least 0; false: as many as there are.
func (q Quota) Left() (int, bool) {
	if q.Limit == nil {
		return 0, false
	}
	return max(0, *q.Limit-q.Used), true
}

// List tells how all accounts stand, by name.
func (o Operator) List(ctx context.Context) ([]Report, error) {
	all, err := o.Accounts.List(ctx)
	if err != nil {
		return nil, err
	}
	reports := make([]Report, 0, len(all))
	for _, a := range all {
		r, err := o.report(ctx, a)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// Show tells how an account stands. Errors: NotFound, Unavailable.
func (o Operator) Show(ctx context.Context, account string) (Report, error) {
	a, err := o.Accounts.Find(ctx, account)
	if err != nil {
		return Report{}, err
	}
	return o.report(ctx, a)
}

// Log returns what was done to an account, newest first, up to 500 entries.
func (o Operator) Log(ctx context.Context, account string) ([]ledger.LogEntry, error) {
	if _, err := o.Accounts.Find(ctx, account); err != nil {
		return nil, err
	}
	return o.Book.Log(ctx, account)
}

func (o Operator) report(ctx context.Context, a registry.Account) (Report, error) {
	s, err := o.Book.Look(ctx, a.Name)
	if err != nil {
		return Report{}, err
	}
	doubts, err := o.Book.Doubts(ctx, a.Name)
	if err != nil {
		return Report{}, err
	}
	rate := Rate{Configured: a.Rate, Now: a.Rate}
	if o.Rates != nil {
		now, err := o.Rates.Read(ctx, a.Name)
		if err != nil {
			return Report{}, err
		}
		if now > 0 {
			rate.Now = now
		}
	}
	r := Report{Account: a.Name, Type: a.Type, Kinds: map[message.Kind]Lane{}}
	for _, kind := range a.Type.Kinds() {
		l := Lane{Rate: rate, Quota: quotaOf(a, s, kind)}
		if err := o.waits(ctx, a.Name, kind, &l); err != nil {
			return Report{}, err
		}
		l.Backlog.InDoubt = doubts[kind]
		l.parks(s.Parks, kind)
		r.Kinds[kind] = l
	}
	r.estimate(s.Now)
	return r, nil
}

// waits fills in what the queue holds.
func (o Operator) waits(ctx context.Context, account string, kind message.Kind, l *Lane) error {
	states, oldest, err := o.Queues.Backlog(ctx, account, kind)
	if err != nil {
		return err
	}
	l.Backlog = Backlog{Pending: states["pending"], Scheduled: states["scheduled"], Waiting: states["waiting"]}
	l.OldestS = int(oldest.Seconds())
	l.State = Running
	paused, err := o.Queues.Paused(ctx, account, kind)
	if paused {
		l.State = Paused
	}
	return err
}

func quotaOf(a registry.Account, s ledger.Standing, kind message.Kind) Quota {
	q := Quota{Used: s.Used[kind], ResetsAt: s.ResetsAt}
	most, limited := a.Quotas[kind]
	if set, over := s.Quotas[kind]; over {
		most, limited = set, set >= 0
	}
	if limited {
		q.Limit = &most
	}
	return q
}

// parks fills in what stops the lane, what lasts longest first.
func (l *Lane) parks(parks []ledger.Parked, kind message.Kind) {
	for _, p := range parks {
		if !p.Holds(kind) {
			continue
		}
		l.State = Parked
		told := tell(p)
		if l.Park == nil || outlasts(told, *l.Park) {
			if l.Park != nil {
				l.Others = append(l.Others, *l.Park)
			}
			l.Park = &told
		} else {
			l.Others = append(l.Others, told)
		}
	}
}

// outlasts tells whether a park is the one to look at first: a person's before
// others, and what has no end before what has one.
func outlasts(a, b Park) bool {
	if (a.By == ledger.Operator) != (b.By == ledger.Operator) {
		return a.By == ledger.Operator
	}
	if a.Until.IsZero() != b.Until.IsZero() {
		return a.Until.IsZero()
	}
	return a.Until.After(b.Until)
}

func tell(p ledger.Parked) Park {
	told := Park{
		By: p.Info.By, Who: p.Info.Who, Reason: p.Reason, Words: words(p), AllKinds: p.Kind == "",
		ErrCode: p.Info.ErrCode, ErrMsg: p.Info.ErrMsg, RID: p.Info.RID, Host: p.Info.Host,
		Since: p.Since, Until: p.Until, NextProbe: p.Next,
	}
	switch {
	case p.Reason == ledger.Operator:
		told.By, told.Reason, told.NextProbe = ledger.Operator, p.Info.Words, time.Time{}
	case p.Reason == ledger.Quota:
		told.NextProbe = time.Time{}
	}
	if told.By == "" {
		told.By = "wechat"
	}
	return told
}
