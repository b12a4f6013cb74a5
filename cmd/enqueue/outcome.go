package main

import (
	"errors"
	"fmt"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

// outcome is what became of one message, as --json prints it.
type outcome struct {
	ID        string        `json:"id"`
	Account   string        `json:"account"`
	State     message.State `json:"state"`
	Duplicate bool          `json:"duplicate"`
	Source    string        `json:"source,omitempty"` // where the message was written
	Error     *failure      `json:"error,omitempty"`
	Warnings  []fault.Field `json:"warnings,omitempty"`
}

// failure is why a message was not taken.
type failure struct {
	Code    fault.Class   `json:"code"`
	Message string        `json:"message"`
	Fields  []fault.Field `json:"fields,omitempty"`
}

func outcomeOf(source string, r intake.Result, err error) outcome {
	return outcome{ID: r.ID, Account: r.Account, State: r.State, Duplicate: r.Duplicate,
		Source: source, Error: failureOf(err), Warnings: r.Warnings}
}

// failureOf puts an error into the shape that is printed; nil for none.
func failureOf(err error) *failure {
	if err == nil {
		return nil
	}
	var f *fault.Error
	if !errors.As(err, &f) {
		return &failure{Code: fault.Caller, Message: err.Error()}
	}
	text := f.Message
	switch n := len(f.Fields); {
	case text != "" && f.Err != nil:
		text += ": " + f.Err.Error()
	case text == "" && n == 1:
		text = f.Fields[0].String()
	case text == "":
		text = fmt.Sprintf("it has %d mistakes", n)
	}
	return &failure{Code: f.Class, Message: text, Fields: f.Fields}
}

// mistakes returns the fields of an invalid input.
func mistakes(err error) []fault.Field {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Fields
	}
	return nil
}
