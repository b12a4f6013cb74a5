package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Parked is a stop of a kind, or of all kinds, of an account. Once Until is
// over, one message tries whether it may go on.
type Parked struct {
	Kind   message.Kind // empty: all kinds
	Reason string       // minute, daily, account, outage
	Since  time.Time
	Until  time.Time
	Tries  int // of an outage: how often WeChat was found away still
}

// Parks returns what of an account is parked; one trip.
func (l *Ledger) Parks(ctx context.Context, account string) ([]Parked, error) {
	fields, err := l.redis.HGetAll(ctx, keys.Park(account)).Result()
	if err != nil {
		return nil, unavailable("ledger.parks", err)
	}
	var parks []Parked
	for scope, text := range fields {
		if park, ok := readPark(scope, text); ok {
			parks = append(parks, park)
		}
	}
	return parks, nil
}

// readPark reads "until since tries reason"; other fields of the hash are
// counts.
func readPark(scope, text string) (Parked, bool) {
	parts := strings.SplitN(text, " ", 4)
	if len(parts) != 4 {
		return Parked{}, false
	}
	tries, err := strconv.Atoi(parts[2])
	if err != nil {
		return Parked{}, false
	}
	park := Parked{Until: moment(parts[0]), Since: moment(parts[1]), Tries: tries, Reason: parts[3]}
	if scope != "*" {
		park.Kind = message.Kind(scope)
	}
	return park, true
}
