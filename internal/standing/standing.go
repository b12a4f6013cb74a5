// Package standing is how an account or a batch stands, as the commands and the
// HTTP API tell it: what it does, what stops it, how much waits and when that is
// done. It is words and reckoning only; who looks is internal/operator, and of
// batches internal/intake.
package standing

import (
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
)

// Account is how an account stands.
type Account struct {
	Name  string                `json:"name"`
	Type  message.AccountType   `json:"type"`
	Kinds map[message.Kind]Lane `json:"kinds"`
	// Token is nil where nobody ever asked for one.
	Token    *Token   `json:"token,omitempty"`
	Receipts Receipts `json:"receipts"`
	// Templates are those that take nothing, the oldest first.
	Templates []template.Park `json:"templates_parked,omitempty"`
}

// Token is how the account's access_token stands; never the token itself. Times
// are whole seconds.
type Token struct {
	Mode       string `json:"mode"`         // stable, classic, external
	AgeS       int    `json:"age_s"`        // since it was fetched
	ExpiresInS int    `json:"expires_in_s"` // 0: there is none
	RenewsInS  int    `json:"renews_in_s"`  // until a new one is fetched ahead
	Trouble    string `json:"trouble,omitempty"`
	ErrCode    int    `json:"errcode,omitempty"`
	TriedInS   int    `json:"tried_in_s,omitempty"` // after trouble: until the next try
}

// Receipts is what WeChat pushed of messages in the last hour, give or take five
// minutes.
type Receipts struct {
	Statuses map[string]int `json:"statuses"` // WeChat's words → how many
	LateS    float64        `json:"late_s"`   // from the send to the receipt, on average
}

// Person is who parks by hand: Park.By.
const Person = "operator"

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
