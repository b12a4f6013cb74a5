package ledger

import (
	"fmt"
	"strconv"
	"time"

	"wxdispatch/internal/fault"
)

// reader takes a script's answer apart, value by value, and keeps the first
// mistake.
type reader struct {
	op     string
	values []any
	err    error
}

func (r *reader) next() any {
	if len(r.values) == 0 {
		r.fail("too few values")
		return nil
	}
	v := r.values[0]
	r.values = r.values[1:]
	return v
}

func (r *reader) text() string {
	switch v := r.next().(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case nil:
		return ""
	default:
		r.fail(fmt.Sprintf("a %T where text belongs", v))
		return ""
	}
}

func (r *reader) number() int {
	n, err := strconv.Atoi(r.text())
	if err != nil {
		r.fail("no number: " + err.Error())
	}
	return n
}

func (r *reader) duration() time.Duration { return time.Duration(r.number()) * time.Millisecond }

// seconds is a time in whole seconds; 0 stands for none.
func (r *reader) seconds() time.Time {
	if n := r.number(); n > 0 {
		return time.Unix(int64(n), 0)
	}
	return time.Time{}
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = &fault.Error{Op: r.op, Class: fault.Caller, Message: "the script's answer is not understood: " + what}
	}
}
