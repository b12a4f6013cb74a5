package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const idempotencyHeader = "Idempotency-Key"

// take hands one message over. What the body is called (Content-Type) does not
// matter, if it is the message's JSON.
func (a *API) take(c *call) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	m, err := message.Decode(body)
	if err != nil {
		return answer{}, err
	}
	if m, err = named(m, c.Header.Values(idempotencyHeader)); err != nil {
		return answer{}, err
	}
	if err := c.admitTo(m.Account); err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	taken, err := a.Intake.Take(ctx, m)
	if err != nil {
		return answer{}, notTaken(err, taken.ID)
	}
	reply := answer{status: http.StatusAccepted, body: taken, location: recordPath(taken.Account, taken.ID)}
	if taken.Duplicate {
		reply.status = http.StatusOK
	}
	return reply, nil
}

// readBody reads a body of at most message.MaxSize bytes.
func readBody(c *call) ([]byte, error) {
	if c.ContentLength > message.MaxSize {
		return nil, tooLarge("the body")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.Body, message.MaxSize))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge("the body")
	case err != nil:
		return nil, &fault.Error{Op: "api.take", Class: fault.Invalid, Message: "the body ended before it was whole; send it again", Err: err}
	}
	return body, nil
}

// tooLarge also ends the connection, where it refuses the whole call: the rest
// of the body is not waited for.
func tooLarge(what string) error {
	return &refusal{status: http.StatusRequestEntityTooLarge, code: codeTooLarge,
		message: fmt.Sprintf("%s has more than %d bytes (1 MiB); a message of WeChat's has a few hundred", what, message.MaxSize),
		header:  "Connection", value: "close"}
}

// named gives a message without an id that of the Idempotency-Key header, which
// may stand in quotes, as its draft standard has it. Two ids must be equal.
func named(m *message.Message, headers []string) (*message.Message, error) {
	for _, header := range headers {
		id := strings.Trim(header, `"`)
		switch {
		case !message.ValidID(id):
			return nil, badKey("found no id; allowed are 1 to 64 of A-Za-z0-9_.:-")
		case m.ID != "" && m.ID != id:
			return nil, badKey("differs from the message's id; send one of the two, or both alike")
		case m.ID == "":
			var err error
			if m, err = m.WithID(id); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

func badKey(words string) error {
	return fault.InvalidFields("api.take", []fault.Field{{Path: idempotencyHeader, Message: words}})
}

// notTaken puts Intake's refusal into the terms of a POST: an account that
// nobody knows is a mistake in the message, not in the address.
func notTaken(err error, id string) error {
	var f *fault.Error
	switch {
	case !errors.As(err, &f):
		return err
	case f.Class == fault.NotFound:
		return fault.InvalidFields("api.take", []fault.Field{{Path: "account", Message: f.Message}})
	case f.Class == fault.Unavailable && id != "":
		return undecided{id, err}
	}
	return err
}

func recordPath(account, id string) string {
	return "/api/v1/accounts/" + url.PathEscape(account) + "/messages/" + url.PathEscape(id)
}
