package ledger

import (
	"context"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/template"
)

// Standing is what stops an account or bounds its day, at one moment.
type Standing struct {
	Now      time.Time // Redis's clock
	Parks    []Parked
	Used     map[message.Kind]int // calls of today (UTC+8) that WeChat may have counted
	ResetsAt time.Time            // when Used starts anew
	Quotas   map[message.Kind]int // set by an operator over daily_quota; -1: no limit
	// Templates are those that take nothing, the oldest first.
	Templates []template.Park
}

// Look tells what stops an account; one trip. What is over by itself is taken
// away.
func (l *Ledger) Look(ctx context.Context, account string) (Standing, error) {
	pipe := l.redis.Pipeline()
	now, parks := pipe.Time(ctx), pipe.HGetAll(ctx, keys.Park(account))
	quota, set := pipe.HGetAll(ctx, keys.Quota(account)), pipe.HGetAll(ctx, keys.Set(account))
	templates := pipe.HGetAll(ctx, keys.TemplateParks(account))
	if _, err := pipe.Exec(ctx); err != nil {
		return Standing{}, unavailable("ledger.look", err)
	}
	s := Standing{Now: now.Val(), Quotas: overrides(set.Val(), now.Val()), Templates: readTemplateParks(templates.Val())}
	s.Used, s.ResetsAt = usedToday(quota.Val(), s.Now)
	over := false
	for _, park := range readParks(parks.Val()) {
		if park.Until.IsZero() || s.Now.Before(park.Until) {
			s.Parks = append(s.Parks, park)
		} else {
			over = true
		}
	}
	if over {
		return s, l.lapse(ctx, account)
	}
	return s, nil
}

// Parks returns what of an account is parked, and the time on Redis's clock.
func (l *Ledger) Parks(ctx context.Context, account string) ([]Parked, time.Time, error) {
	s, err := l.Look(ctx, account)
	return s.Parks, s.Now, err
}

// Heard is the pattern of the channels on which changes of parks are told.
const Heard = "wxd:{*}:park"

// HeardOf returns the account whose park a message on that channel tells of.
func HeardOf(channel string) string {
	const head, tail = "wxd:{", "}:park"
	if len(channel) <= len(head)+len(tail) {
		return ""
	}
	return channel[len(head) : len(channel)-len(tail)]
}
