package wechattest

import (
	"time"

	"wxdispatch/internal/message"
)

// Stats is what happened since New or Reset (tokens: since New).
type Stats struct {
	Calls      int64                             `json:"calls"`      // send calls decided, good or bad
	Outcomes   map[message.Kind]map[string]int64 `json:"outcomes"`   // by kind ("token" for the token endpoints), then errcode or mode of the fault that ate the answer, or "gone"
	Deliveries int64                             `json:"deliveries"` // how often a phone rang
	Distinct   int64                             `json:"distinct"`   // different messages among them
	Doubled    int64                             `json:"doubled"`    // messages that rang more than once
	Duplicates int64                             `json:"duplicates"` // rings beyond a message's first
	Repeats    int64                             `json:"repeats"`    // known again by client_msg_id, and not delivered again
	Unanswered int64                             `json:"unanswered"` // calls whose client got nothing it could understand
	Tokens     TokenStats                        `json:"tokens"`     // good fetches
	Apps       map[string]AppStats               `json:"apps"`       // by appid
}

// TokenStats counts token fetches that were granted.
type TokenStats struct {
	Stable  int `json:"stable"` // forced ones included
	Classic int `json:"classic"`
	Forced  int `json:"forced"`
}

// AppStats is one account's share.
type AppStats struct {
	Calls         int64      `json:"calls"` // send calls with one of its tokens
	Deliveries    int64      `json:"deliveries"`
	PeakPerSecond int        `json:"peak_per_second"` // most send calls within one second of the clock
	PeakAtOnce    int64      `json:"peak_at_once"`    // most send calls under way at the same time
	Tokens        TokenStats `json:"tokens"`
}

// Count returns how many calls of a kind had an outcome ("0", "45009", "cut").
func (st Stats) Count(kind message.Kind, outcome string) int64 { return st.Outcomes[kind][outcome] }

type countKey struct {
	kind message.Kind
	outcome
}

// counts are an account's calls.
type counts struct {
	by     map[countKey]int64
	sends  int64
	second int64
	inIt   int
	peak   int
}

func newCounts() counts { return counts{by: map[countKey]int64{}} }

func (c *counts) add(kind message.Kind, o outcome, now time.Time) {
	c.by[countKey{kind, o}]++
	if kind == Tokens {
		return
	}
	c.sends++
	if second := now.Unix(); second != c.second {
		c.second, c.inIt = second, 0
	}
	c.inIt++
	c.peak = max(c.peak, c.inIt)
}

// Stats returns the counts so far. They belong together per account, not across
// accounts, while calls go on.
func (s *Sim) Stats() Stats {
	st := Stats{
		Outcomes:   map[message.Kind]map[string]int64{},
		Repeats:    s.repeats.Load(),
		Unanswered: s.unanswered.Load(),
		Apps:       map[string]AppStats{},
	}
	for _, acc := range s.everyone() {
		acc.report(&st)
	}
	return st
}

func (a *account) report(st *Stats) {
	a.mu.Lock()
	defer a.mu.Unlock()
	counts, log := &a.book.counts, &a.book.log
	for k, n := range counts.by {
		if st.Outcomes[k.kind] == nil {
			st.Outcomes[k.kind] = map[string]int64{}
		}
		st.Outcomes[k.kind][string(k.outcome)] += n
	}
	st.Calls += counts.sends
	st.Deliveries += int64(len(log.entries))
	st.Distinct += int64(len(log.byKey))
	st.Doubled += int64(log.doubled)
	st.Duplicates += int64(log.extra)
	st.Tokens.Stable += a.purse.total.Stable
	st.Tokens.Classic += a.purse.total.Classic
	st.Tokens.Forced += a.purse.total.Forced
	if a.app.AppID == "" {
		return // the account of stray calls
	}
	st.Apps[a.app.AppID] = AppStats{
		Calls:         counts.sends,
		Deliveries:    int64(len(log.entries)),
		PeakPerSecond: counts.peak,
		PeakAtOnce:    a.peakOpen.Load(),
		Tokens:        a.purse.total,
	}
}
