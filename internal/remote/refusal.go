package remote

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"wxdispatch/internal/fault"
)

const (
	// comeBack is when to try again if the server does not say.
	comeBack = 2 * time.Second
	// longestBack bounds what a server may ask for.
	longestBack = time.Hour
	// mostProblem is how much of a refusal is read; one of 100 mistakes is below.
	mostProblem = 1 << 20
)

// problem is a refusal as the API writes it.
type problem struct {
	Error *detail `json:"error"`
}

type detail struct {
	Code    string        `json:"code"`
	Message string        `json:"message"`
	Fields  []fault.Field `json:"fields"`
	ErrCode int           `json:"errcode"`
	RID     string        `json:"rid"`
}

// classes says what a refusal's code means here. A fault of the server's own
// leaves open what became of the call.
var classes = map[string]fault.Class{
	string(fault.Invalid):     fault.Invalid,
	string(fault.NotFound):    fault.NotFound,
	string(fault.Conflict):    fault.Conflict,
	string(fault.Unpermitted): fault.Unpermitted,
	string(fault.Suppressed):  fault.Suppressed,
	string(fault.Parked):      fault.Parked,
	string(fault.Unavailable): fault.Unavailable,
	"unauthorized":            fault.Denied,
	"forbidden":               fault.Denied,
	"too_large":               fault.Invalid,
	"internal":                fault.Unavailable,
	"method_not_allowed":      fault.Unavailable, // another server, or an older one
}

// fault puts a refusal into our terms; nil when its code is none of the API's.
func (d *detail) fault(op string) *fault.Error {
	class, known := classes[d.Code]
	if !known {
		return nil
	}
	f := &fault.Error{Op: op, Class: class, Message: d.Message, Fields: d.Fields, Code: d.ErrCode, RID: d.RID}
	if len(f.Fields) == 0 {
		f.Fields = nil
	} else if class == fault.Invalid {
		f.Message = "" // it says no more than that there are fields
	}
	return f
}

// refused reads an answer other than 2xx.
func (r *Remote) refused(op string, response *http.Response) error {
	var p problem
	text, err := io.ReadAll(io.LimitReader(response.Body, mostProblem))
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil || p.Error == nil {
		return r.strange(op, response, errors.New("its body is no refusal"))
	}
	f := p.Error.fault(op)
	if f == nil {
		return r.strange(op, response, errors.New("its code is not known here"))
	}
	if f.RetryAfter = retryAfter(response.Header, time.Now()); f.RetryAfter == 0 && f.Class == fault.Unavailable {
		f.RetryAfter = comeBack
	}
	return f
}

// retryAfter reads Retry-After, seconds or a date; 0 when there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	after := time.Duration(0)
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		after = time.Duration(min(seconds, int(longestBack/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		after = at.Sub(now)
	}
	return max(0, min(after, longestBack))
}
