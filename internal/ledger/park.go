package ledger

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// Park stops a kind, or with none all kinds, of an account by a person's will,
// until then, or with a zero time until someone ends it.
func (l *Ledger) Park(ctx context.Context, account string, kind message.Kind, until time.Time, info ParkInfo) error {
	return l.park(ctx, account, kind, Operator, until, 0, info)
}

// Hold stops all kinds of an account for a reason of ours, until Unpark ends it
// or a message that may try from now + try on finds that it is over.
func (l *Ledger) Hold(ctx context.Context, account, reason string, try time.Duration, info ParkInfo) error {
	return l.park(ctx, account, "", reason, time.Time{}, try, info)
}

func (l *Ledger) park(ctx context.Context, account string, kind message.Kind, reason string, until time.Time, try time.Duration, info ParkInfo) error {
	text, err := json.Marshal(info)
	if err != nil {
		return err
	}
	_, err = l.scopes(ctx, "ledger.park", hold, account, scopeOf(kind), reason, millis(until), string(text), try.Milliseconds())
	return err
}

// Unpark ends the parks of a kind, or with none those of the whole account and
// of all its kinds: of the given reasons, or with none every one, the
// operator's, too. It answers how many there were. What WeChat still refuses
// parks again.
func (l *Ledger) Unpark(ctx context.Context, account string, kind message.Kind, why string, info ParkInfo, reasons ...string) (int, error) {
	text, err := json.Marshal(info)
	if err != nil {
		return 0, err
	}
	return l.scopes(ctx, "ledger.unpark", unhold, account, reached(kind), why, string(text), blanks(reasons), 0)
}

// TryNow lets one message of each parked kind find out at once whether the
// parks of the given reasons are over, and answers how many there are.
func (l *Ledger) TryNow(ctx context.Context, account string, reasons ...string) (int, error) {
	return l.scopes(ctx, "ledger.try", unhold, account, reached(""), "", "", blanks(reasons), 1)
}

// lapse ends what is over by itself.
func (l *Ledger) lapse(ctx context.Context, account string) error {
	_, err := l.scopes(ctx, "ledger.lapse", lapse, account, reached(""))
	return err
}

// reached are the scopes that a kind, or with none an account, means.
func reached(kind message.Kind) string {
	if kind != "" {
		return string(kind)
	}
	return strings.Join(scopes(), " ")
}

func blanks(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " " + strings.Join(words, " ") + " "
}

func (l *Ledger) scopes(ctx context.Context, op string, what decision, account string, args ...any) (int, error) {
	answer, err := l.run(ctx, op, ask{decision: what, account: account, args: args})
	if err != nil {
		return 0, err
	}
	r := reader{op: op, values: answer}
	return r.number(), r.err
}
