package ledger

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Parked is a stop of a kind, or of all kinds, of an account.
type Parked struct {
	Kind   message.Kind // empty: all kinds
	Reason string       // minute, daily, account, outage, quota, token; operator
	Since  time.Time
	Next   time.Time // when one message tries whether it is over; zero: none does
	Until  time.Time // when it is over by itself; zero: nobody knows
	Tries  int       // of an outage: how often WeChat was found away still
	Info   ParkInfo
}

// ParkInfo is who or what parked, and the answer that led to it.
type ParkInfo struct {
	By      string `json:"by,omitempty"`  // wechat, operator …
	Who     string `json:"who,omitempty"` // the person
	Words   string `json:"reason,omitempty"`
	ErrCode int    `json:"errcode,omitempty"`
	ErrMsg  string `json:"errmsg,omitempty"`
	RID     string `json:"rid,omitempty"`
	Host    string `json:"host,omitempty"`
}

// Operator is the reason of a person's park. It is neither tried nor ended by
// anybody else.
const Operator = "operator"

// allKinds is the scope of an account's park.
const allKinds = "*"

// Holds tells whether a kind stands still because of the park.
func (p Parked) Holds(kind message.Kind) bool { return p.Kind == "" || p.Kind == kind }

// Parks returns what of an account is parked, and the time on Redis's clock;
// one trip. What is over by itself is taken away.
func (l *Ledger) Parks(ctx context.Context, account string) ([]Parked, time.Time, error) {
	pipe := l.redis.Pipeline()
	now, fields := pipe.Time(ctx), pipe.HGetAll(ctx, keys.Park(account))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, time.Time{}, unavailable("ledger.parks", err)
	}
	var standing []Parked
	for _, park := range readParks(fields.Val()) {
		if park.Until.IsZero() || now.Val().Before(park.Until) {
			standing = append(standing, park)
			continue
		}
		if _, err := l.ofScope(ctx, "ledger.lapse", lapseScript, account, scopeOf(park.Kind)); err != nil {
			return nil, time.Time{}, err
		}
	}
	return standing, now.Val(), nil
}

// readParks reads the hash (lua/parks.lua), by scope.
func readParks(fields map[string]string) []Parked {
	var parks []Parked
	for _, scope := range scopes() {
		if park, ok := readPark(scope, fields[scope]); ok {
			park.Since = later(park.Since, moment(fields["s:"+scope]))
			park.Until = moment(fields["e:"+scope])
			_ = json.Unmarshal([]byte(fields["i:"+scope]), &park.Info)
			parks = append(parks, park)
		}
		if park, ok := readOperator(scope, fields["o:"+scope]); ok {
			parks = append(parks, park)
		}
	}
	return parks
}

// scopes are the kinds, and all of them, in their order.
func scopes() []string {
	all := []string{allKinds}
	for _, kind := range message.Kinds() {
		all = append(all, string(kind))
	}
	return all
}

// later is the first park's since where it is known.
func later(since, first time.Time) time.Time {
	if first.IsZero() {
		return since
	}
	return first
}

// readPark reads "next since tries reason".
func readPark(scope, text string) (Parked, bool) {
	parts := strings.SplitN(text, " ", 4)
	if len(parts) != 4 {
		return Parked{}, false
	}
	tries, err := strconv.Atoi(parts[2])
	return Parked{Kind: kindOf(scope), Next: moment(parts[0]), Since: moment(parts[1]), Tries: tries, Reason: parts[3]}, err == nil
}

// readOperator reads "until since JSON".
func readOperator(scope, text string) (Parked, bool) {
	parts := strings.SplitN(text, " ", 3)
	if len(parts) != 3 {
		return Parked{}, false
	}
	park := Parked{Kind: kindOf(scope), Until: moment(parts[0]), Since: moment(parts[1]), Reason: Operator}
	return park, json.Unmarshal([]byte(parts[2]), &park.Info) == nil
}

func kindOf(scope string) message.Kind {
	if scope == allKinds {
		return ""
	}
	return message.Kind(scope)
}

func scopeOf(kind message.Kind) string {
	if kind == "" {
		return allKinds
	}
	return string(kind)
}

// Park stops a kind, or with none all kinds, of an account by a person's will,
// until then, or with a zero time until someone ends it.
func (l *Ledger) Park(ctx context.Context, account string, kind message.Kind, until time.Time, info ParkInfo) error {
	text, err := json.Marshal(info)
	if err != nil {
		return err
	}
	_, err = l.ofScope(ctx, "ledger.park", operatorParkScript, account, scopeOf(kind), millis(until), string(text))
	return err
}

// Unpark ends every park of a kind, or with none those of the whole account, the
// operator's too; with a reason only those of that reason. It answers whether
// there were any. What WeChat still refuses parks again.
func (l *Ledger) Unpark(ctx context.Context, account string, kind message.Kind, only string, why string, info ParkInfo) (bool, error) {
	text, err := json.Marshal(info)
	if err != nil {
		return false, err
	}
	ended, err := l.ofScope(ctx, "ledger.unpark", unparkScript, account, scopeOf(kind), why, string(text), only)
	return ended > 0, err
}

func (l *Ledger) ofScope(ctx context.Context, op string, script *redis.Script, account string, args ...any) (int, error) {
	answer, err := l.run(ctx, op, script, userKeys(account, ""), args...)
	if err != nil {
		return 0, err
	}
	r := reader{op: op, values: answer}
	return r.number(), r.err
}
