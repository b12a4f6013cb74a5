package ledger

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// Parked is a stop of a kind, or of all kinds, of an account.
type Parked struct {
	Kind   message.Kind // empty: all kinds
	Reason string       // minute, daily, account, outage, quota, token, operator
	Since  time.Time
	Next   time.Time // when one message tries whether it is over; zero: none does
	Until  time.Time // when it is over by itself; zero: nobody knows
	Tries  int       // of an outage: how often WeChat was found away still
	Info   ParkInfo
}

// ParkInfo is who or what did something to an account, and the answer that led
// to it.
type ParkInfo struct {
	By      string `json:"by,omitempty"`  // wechat, quota, token, operator
	Who     string `json:"who,omitempty"` // the person: user@host, or an API key's name
	Words   string `json:"reason,omitempty"`
	ErrCode int    `json:"errcode,omitempty"`
	ErrMsg  string `json:"errmsg,omitempty"`
	RID     string `json:"rid,omitempty"`
	Host    string `json:"host,omitempty"`
}

// Reasons that others than WeChat's answers park for.
const (
	Operator = "operator" // a person: neither tried nor ended by anybody else
	Quota    = "quota"    // our own daily_quota is used up
	Token    = "token"    // no access_token can be had
)

// allKinds is the scope of an account's park.
const allKinds = "*"

// Holds tells whether a kind stands still because of the park.
func (p Parked) Holds(kind message.Kind) bool { return p.Kind == "" || p.Kind == kind }

// Tried tells whether one message may find out now whether the park is over.
func (p Parked) Tried(now time.Time) bool { return !p.Next.IsZero() && !now.Before(p.Next) }

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
