// Package fault is the one error type of wxdispatch: what was done (Op), what
// the failure means (Class), WeChat's own code and rid, and when to come back.
//
// Its promise: a caller never has to read an error's text to decide. Every
// layer wraps with %w and reads with errors.As or the helpers ClassOf and
// RetryAfter. What a class leads to is decided elsewhere (internal/dispatch
// for sends, the commands for people).
//
// No secret, access_token or full URL may ever stand in an Error.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Error is a failure that somebody has to decide on.
type Error struct {
	Op         string        // what was tried, as room.action: "token.fetch", "ledger.begin"
	Class      Class         // what it means
	Code       int           // WeChat's errcode; 0 when WeChat did not answer
	Message    string        // in words: what was found, what is allowed, what to do
	RID        string        // WeChat's request id, when it told one
	RetryAfter time.Duration // earliest sensible next try; 0 when not known
	Fields     []Field       // every mistake of an invalid input
	Err        error         // the cause, or nil
}

// Field is one mistake in an input.
type Field struct {
	Path    string `json:"path"`    // JSON path, configuration key or line: "body.data.keyword1"
	Message string `json:"message"` // what was found and what is allowed
}

func (f Field) String() string {
	if f.Path == "" {
		return f.Message
	}
	return f.Path + ": " + f.Message
}

// Error tells the operation, the words, WeChat's code and rid, and each field.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Code != 0 {
		fmt.Fprintf(&b, " (errcode %d)", e.Code)
	}
	if e.RID != "" {
		b.WriteString(" rid " + e.RID)
	}
	for i, f := range e.Fields {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(f.String())
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of the first *Error in err's chain, or "" when
// there is none.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}

// Is tells whether the first *Error in err's chain has class c.
func Is(err error, c Class) bool { return err != nil && ClassOf(err) == c }

// RetryAfter returns the delay that the first *Error in err's chain asks for,
// or 0.
func RetryAfter(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

// InvalidFields makes the error for an input with mistakes, or nil when there
// are none.
func InvalidFields(op string, fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Op: op, Class: Invalid, Fields: fields}
}
