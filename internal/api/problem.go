package api

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"wxdispatch/internal/fault"
)

// Codes of errors that are about HTTP itself; all others are a fault's class.
const (
	codeUnauthorized = "unauthorized"
	codeForbidden    = "forbidden"
	codeMethod       = "method_not_allowed"
	codeTooLarge     = "too_large"
	codeInternal     = "internal"
	codeNotFound     = string(fault.NotFound)
)

// comeBack is when to try again if nobody knows better.
const comeBack = 2 * time.Second

// kindOfProblem is how a class is told over HTTP.
type kindOfProblem struct {
	status  int
	message string // when the fault has no words of its own
}

// problems has every class that a caller can do something about; any other one
// is a fault of this program.
var problems = map[fault.Class]kindOfProblem{
	fault.Invalid:     {http.StatusUnprocessableEntity, "the input has mistakes; fields tells each"},
	fault.NotFound:    {http.StatusNotFound, "there is no such thing"},
	fault.Conflict:    {http.StatusConflict, "the id belongs to other content"},
	fault.Unpermitted: {http.StatusConflict, "no permit is left for this user"},
	fault.Suppressed:  {http.StatusConflict, "the user wants no such message"},
	fault.Parked:      {http.StatusConflict, "nothing is taken here now"},
	fault.Unavailable: {http.StatusServiceUnavailable, "Redis is away; try again"},
}

// refusal is an error about HTTP itself.
type refusal struct {
	status        int
	code, message string
	header, value string // one more header, or none
}

func (r *refusal) Error() string { return r.message }

// Problem is what a caller reads when something was refused.
type Problem struct {
	// ID is the message's, where the outcome is open: repeated with it, the
	// message is not taken twice.
	ID string `json:"id,omitempty"`
	// Request is the request's id, by which the log tells more.
	Request string `json:"request_id,omitempty"`
	Error   Detail `json:"error"`
}

// Detail says what is wrong: a word for programs and a sentence for people.
type Detail struct {
	Code    string        `json:"code"`
	Message string        `json:"message"`
	Fields  []fault.Field `json:"fields"`
	// ErrCode and RID are WeChat's, where its answer is why.
	ErrCode int    `json:"errcode,omitempty"`
	RID     string `json:"rid,omitempty"`
}

// undecided is a failure that leaves open whether the message was taken.
type undecided struct {
	id string
	error
}

func (u undecided) Unwrap() error { return u.error }

// refuse answers an error, and keeps it for the log.
func refuse(w http.ResponseWriter, c *call, err error) {
	c.err = err
	var r *refusal
	if errors.As(err, &r) {
		if r.header != "" {
			w.Header().Set(r.header, r.value)
		}
		answer{status: r.status, body: Problem{Request: c.id, Error: detail(r.code, r.message, nil)}}.write(w)
		return
	}
	p, status := problem(err, c.id)
	p.Request = c.id
	if after := wait(err, status); after > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	answer{status: status, body: p}.write(w)
}

// problem puts an error into words for a caller. What caused it is for the log
// only.
func problem(err error, requestID string) (Problem, int) {
	var f *fault.Error
	if !errors.As(err, &f) {
		f = &fault.Error{}
		if errors.Is(err, context.DeadlineExceeded) {
			f.Class = fault.Unavailable
		}
	}
	kind, known := problems[f.Class]
	if !known {
		return Problem{Error: detail(codeInternal, "a fault of this program; its log tells more under request "+requestID, nil)},
			http.StatusInternalServerError
	}
	p := Problem{Error: detail(string(f.Class), cmp.Or(f.Message, kind.message), f.Fields)}
	p.Error.ErrCode, p.Error.RID = f.Code, f.RID
	var open undecided
	if errors.As(err, &open) {
		p.ID = open.id
	}
	return p, kind.status
}

// wait is when to try again: as the fault says, and always when Redis is away.
func wait(err error, status int) time.Duration {
	if after := fault.RetryAfter(err); after > 0 || status != http.StatusServiceUnavailable {
		return after
	}
	return comeBack
}

func detail(code, message string, fields []fault.Field) Detail {
	if fields == nil {
		fields = []fault.Field{}
	}
	return Detail{Code: code, Message: message, Fields: fields}
}
