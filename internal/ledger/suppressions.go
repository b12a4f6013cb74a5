package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// everything is what stands for all templates.
const everything = "*"

// Suppress notes that a user wants nothing more, or nothing of one template.
// What stands and lasts longer stays, unless s.Replace; repeating it changes
// nothing. Class Unavailable leaves it open whether it was written.
func (l *Ledger) Suppress(ctx context.Context, account string, s message.Suppression) error {
	return l.SuppressMany(ctx, account, []message.Suppression{s})
}

// SuppressMany is Suppress of many, in one trip, in their order.
func (l *Ledger) SuppressMany(ctx context.Context, account string, list []message.Suppression) error {
	asks := make([]ask, len(list))
	for i, s := range list {
		asks[i] = ask{decision: suppress, account: account, keys: userKeys(account, s.OpenID),
			args: []any{cmp.Or(s.Template, everything), millis(s.Until), clip(s.By), flag(s.Void), flag(s.Replace), clip(s.Event), time.Now().Add(eventKnown).Unix()}}
	}
	answers, err := l.runMany(ctx, "ledger.suppress", asks)
	if err != nil {
		return err
	}
	for _, answer := range answers {
		r := reader{op: "ledger.suppress", values: answer}
		l.count(account, r.text())
		if r.err != nil {
			return r.err
		}
	}
	return nil
}

// Lift ends a suppression of a template, or with "" that of everything; it
// answers whether there was one.
func (l *Ledger) Lift(ctx context.Context, account, openid, template string) (bool, error) {
	n, err := l.redis.HDel(ctx, keys.Suppressions(account, openid), cmp.Or(template, everything)).Result()
	if err != nil {
		return false, unavailable("ledger.lift", err)
	}
	return n > 0, nil
}

// Suppressions returns what a user wants no more, on Redis's clock: first that
// of everything, then by template.
func (l *Ledger) Suppressions(ctx context.Context, account, openid string) ([]message.Suppression, error) {
	pipe := l.redis.Pipeline()
	now, fields := pipe.Time(ctx), pipe.HGetAll(ctx, keys.Suppressions(account, openid))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("ledger.suppressions", err)
	}
	var list []message.Suppression
	for what, text := range fields.Val() {
		if s, ok := readSuppression(openid, what, text); ok && s.Holds(now.Val()) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b message.Suppression) int { return strings.Compare(a.Template, b.Template) })
	return list, nil
}

// SuppressedBy returns what keeps messages of a template from a user, or nil;
// one trip.
func (l *Ledger) SuppressedBy(ctx context.Context, account, openid, template string) (*message.Suppression, error) {
	pipe := l.redis.Pipeline()
	now, fields := pipe.Time(ctx), pipe.HMGet(ctx, keys.Suppressions(account, openid), everything, template)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("ledger.suppressions", err)
	}
	return unwanted(openid, template, fields.Val(), now.Val()), nil
}

// unwanted reads the fields of everything and of a template; nil: neither keeps
// anything from the user now.
func unwanted(openid, template string, fields []any, now time.Time) *message.Suppression {
	for i, what := range []string{everything, template} {
		text, _ := fields[i].(string)
		if s, ok := readSuppression(openid, what, text); ok && s.Holds(now) {
			return &s
		}
	}
	return nil
}

// readSuppression reads "until who".
func readSuppression(openid, what, text string) (message.Suppression, bool) {
	until, who, ok := strings.Cut(text, " ")
	s := message.Suppression{OpenID: openid, Template: what, By: who}
	if what == everything {
		s.Template = ""
	}
	s.Until = moment(until)
	return s, ok
}
