package token

import (
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

// decision is what a script answered (lua/*.lua).
type decision string

const (
	serve    decision = "serve"
	fetch    decision = "fetch"
	fails    decision = "fail"
	stored   decision = "stored"
	outdated decision = "outdated"
	granted  decision = "granted"
	soon     decision = "soon"
	spent    decision = "spent"
	lost     decision = "lost"
)

// state is a script's answer: what it decided, and how the token stood then.
// Times are milliseconds of Redis's clock, kept as numbers so that nobody
// compares them with this machine's.
type state struct {
	decision decision
	now      int64
	number   int64             // what goes with the decision
	fields   map[string]string // of the hash (lua/words.lua)
}

// readState reads what told in lua/words.lua makes.
func readState(answer []any) (state, bool) {
	if len(answer) != 4 {
		return state{}, false
	}
	list, ok := answer[3].([]any)
	if !ok || len(list)%2 != 0 {
		return state{}, false
	}
	s := state{decision: decision(text(answer[0])), fields: make(map[string]string, len(list)/2)}
	s.now, s.number = whole(text(answer[1])), whole(text(answer[2]))
	for i := 0; i < len(list); i += 2 {
		s.fields[text(list[i])] = text(list[i+1])
	}
	return s, s.decision != "" && s.now > 0
}

func text(v any) string { s, _ := v.(string); return s }

func whole(s string) int64 { n, _ := strconv.ParseInt(s, 10, 64); return n }

// until is how far from the answer's moment a time of the hash is; negative
// when it has passed, and when there is none.
func (s state) until(field string) time.Duration {
	return time.Duration(whole(s.fields[field])-s.now) * time.Millisecond
}

// refusal is the error of the decision fails. Without trouble of all it is this
// machine's alone; another one may bring a token at any moment.
func (s state) refusal() *fault.Error {
	err := s.trouble()
	if err == nil {
		return &fault.Error{Op: opFetch, Class: fault.Account, RetryAfter: min(s.wait(), comeBack),
			Message: "this machine's address was refused, and no other machine has fetched a token yet"}
	}
	err.RetryAfter = s.wait()
	return err
}

// left is for how long the token is good yet; 0 when there is none.
func (s state) left() time.Duration {
	if s.fields["v"] == "" {
		return 0
	}
	return max(0, s.until("e"))
}

// wait is the number as a time.
func (s state) wait() time.Duration { return time.Duration(s.number) * time.Millisecond }

// resting is a machine's own trouble with these credentials: for how long yet
// it leaves the source alone, and for how long in all.
func (s state) resting(field, credentials string) (left, rest time.Duration) {
	parts := strings.Fields(s.fields[field])
	if len(parts) != 3 || parts[0] != credentials {
		return 0, 0
	}
	return time.Duration(whole(parts[1])-s.now) * time.Millisecond, time.Duration(whole(parts[2])) * time.Millisecond
}

// failures is how many fetches in a row failed with these credentials and with
// trouble of the kind of class, and for how long the source was left alone after
// the last of them.
func (s state) failures(credentials string, class fault.Class) (count int, rest time.Duration) {
	if s.fields["k"] != credentials || stands(fault.Class(s.fields["c"])) != stands(class) {
		return 0, 0
	}
	return int(whole(s.fields["f"])), time.Duration(whole(s.fields["r"])-whole(s.fields["b"])) * time.Millisecond
}

// trouble is the error of the last fetch; nil stands for none.
func (s state) trouble() *fault.Error {
	if s.fields["c"] == "" {
		return nil
	}
	return &fault.Error{
		Op: opFetch, Class: fault.Class(s.fields["c"]), Code: int(whole(s.fields["x"])),
		Message: s.fields["w"], RID: s.fields["y"], RetryAfter: max(0, s.until("r")),
	}
}
