package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const (
	// mostAtOnce and bytesAtOnce bound what goes to Intake together, and so what
	// a call holds in memory: twice the bytes, and one line.
	mostAtOnce  = 500
	bytesAtOnce = message.MaxSize
	// linePause is how long a line may take to come, and an answer to be read.
	linePause = 30 * time.Second
)

// Result is what became of one line.
type Result struct {
	Line      int           `json:"line"` // from 1
	ID        string        `json:"id,omitempty"`
	Account   string        `json:"account,omitempty"`
	State     message.State `json:"state,omitempty"` // absent beside an error
	Duplicate bool          `json:"duplicate"`
	Warnings  []fault.Field `json:"warnings,omitempty"`
	Error     *Detail       `json:"error,omitempty"`
}

// many is one call that hands any number of messages over, a line each.
type many struct {
	*call
	api   *API
	lines *lines
	wire  *http.ResponseController
	out   *bufio.Writer

	group   []Result           // of the lines that were read and not answered
	taking  []*message.Message // of those that go to Intake
	places  []int              // where in group each of them is
	unnamed bool               // one of them has no id of its own
	bytes   int
	last    int // the number of the last line that was read

	begun         bool // something was answered
	done, refused int  // results
}

// takeMany answers a line of results for each line of messages, in order, and
// as soon as it can: what has come is taken together, whatever still follows.
// What is wrong with one line is told in its result and stops nothing. An error
// refuses the whole call, of which nothing was answered yet.
func (a *API) takeMany(c *call) error {
	if len(c.Header.Values(idempotencyHeader)) > 0 {
		return badKey("is for one message; give each line its own id")
	}
	m := &many{call: c, api: a, lines: newLines(c.Body, message.MaxSize), wire: http.NewResponseController(c.w),
		out: bufio.NewWriterSize(c.w, 32<<10)}
	_ = m.wire.EnableFullDuplex() // a test's recorder knows none of these
	wake := context.AfterFunc(a.Ending, func() { _ = m.wire.SetReadDeadline(time.Now()) })
	defer wake()
	defer func() {
		c.told = append(c.told, slog.Int("lines", m.done), slog.Int("refused", m.refused))
	}()
	err := m.run()
	if err != nil {
		_ = m.wire.SetReadDeadline(time.Now().Add(time.Second)) // the rest of the body is not waited for
		if m.begun {
			m.cut(err)
			return nil
		}
	}
	return err
}

// run goes through the body. Its error is why it ends early.
func (m *many) run() error {
	for {
		end := m.read()
		if err := m.answer(); err != nil {
			return err
		}
		switch {
		case end == io.EOF:
			return nil
		case end != nil:
			return m.stopped(end)
		case m.api.Ending.Err() != nil:
			return ending()
		}
	}
}

// read waits for a line, and takes with it what else has come. Its error ends
// the body; what was read before is in the group all the same.
func (m *many) read() error {
	m.group, m.taking, m.places, m.unnamed, m.bytes = m.group[:0], m.taking[:0], m.places[:0], false, 0
	for len(m.group) < mostAtOnce && m.bytes < bytesAtOnce {
		if !m.lines.whole() {
			if len(m.group) > 0 {
				return nil
			}
			_ = m.wire.SetReadDeadline(time.Now().Add(linePause))
			if m.api.Ending.Err() != nil { // it may have ended before the deadline was set
				return ending()
			}
		}
		l, err := m.lines.next()
		if err != nil {
			return err
		}
		m.last, m.bytes = l.number, m.bytes+len(l.text)
		if l.over || len(bytes.TrimSpace(l.text)) > 0 {
			m.add(l)
		}
	}
	return nil
}

// add puts a line into the group.
func (m *many) add(l line) {
	result := Result{Line: l.number}
	msg, err := m.decode(l)
	if msg != nil {
		result.ID, result.Account = msg.ID, msg.Account
	}
	if err != nil {
		result.Error = m.detail(err)
	} else {
		m.taking, m.places = append(m.taking, msg), append(m.places, len(m.group))
		m.unnamed = m.unnamed || msg.ID == ""
	}
	m.group = append(m.group, result)
}

func (m *many) decode(l line) (*message.Message, error) {
	if l.over {
		return nil, tooLarge("the line")
	}
	msg, err := message.Decode(l.text)
	if err == nil {
		err = m.admitTo(msg.Account)
	}
	return msg, err
}

// answer has the group taken and tells what became of it. Its error ends the
// call: Redis is away, or nobody listens any more.
func (m *many) answer() error {
	away := m.take()
	if away != nil && !m.begun && !m.unnamed {
		return away // as a whole: every line may be sent again, since it has an id
	}
	if len(m.group) == 0 {
		return nil
	}
	m.begin()
	enc := json.NewEncoder(m.out)
	enc.SetEscapeHTML(false)
	for _, r := range m.group {
		m.done++
		if r.Error != nil {
			m.refused++
		}
		if err := enc.Encode(r); err != nil {
			return gone(err)
		}
	}
	if err := m.flush(); err != nil {
		return err
	}
	return away
}

// take hands the group's messages to Intake. Its error is that of the first that
// Redis did not answer, when it answered none.
func (m *many) take() (away error) {
	if len(m.taking) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(m.Context(), patience)
	defer cancel()
	answered := false
	for i, o := range m.api.Intake.TakeMany(ctx, m.taking) {
		r := &m.group[m.places[i]]
		r.ID = o.Taken.ID
		if o.Err != nil {
			r.Error = m.detail(notTaken(o.Err, o.Taken.ID))
			if isAway(o.Err) && away == nil {
				away = o.Err
			} else if !isAway(o.Err) {
				answered = true
			}
			continue
		}
		answered = true
		r.State, r.Duplicate, r.Warnings = o.Taken.State, o.Taken.Duplicate, o.Taken.Warnings
	}
	if answered {
		return nil
	}
	return away
}

// isAway tells whether Redis did not answer.
func isAway(err error) bool {
	return fault.Is(err, fault.Unavailable) || errors.Is(err, context.DeadlineExceeded)
}

// begin writes the header once.
func (m *many) begin() {
	if m.begun {
		return
	}
	m.begun = true
	h := m.w.Header()
	h.Set("Content-Type", "application/x-ndjson; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy in between must not wait for the end
	m.w.WriteHeader(http.StatusOK)
}

func (m *many) flush() error {
	_ = m.wire.SetWriteDeadline(time.Now().Add(linePause))
	if err := m.out.Flush(); err != nil {
		return gone(err)
	}
	if err := m.wire.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return gone(err)
	}
	return nil
}

// cut tells in a last line why the rest was not looked at, to whoever still
// listens.
func (m *many) cut(err error) {
	m.told = append(m.told, slog.String("cut", err.Error()))
	result := Result{Line: m.last + 1, Error: m.detail(err)}
	result.Error.Message += fmt.Sprintf("; from line %d on nothing was looked at: send those again", result.Line)
	_ = json.NewEncoder(m.out).Encode(result)
	_ = m.flush()
}

// stopped says why the body could not be read to its end.
func (m *many) stopped(err error) error {
	switch {
	case m.api.Ending.Err() != nil:
		return ending()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &fault.Error{Op: "api.batch", Class: fault.Invalid, Err: err,
			Message: fmt.Sprintf("no whole line came for %d s", int(linePause.Seconds()))}
	}
	return &fault.Error{Op: "api.batch", Class: fault.Invalid, Message: "the body broke off", Err: err}
}

func ending() error {
	return &fault.Error{Op: "api.batch", Class: fault.Unavailable, Message: "the program is shutting down"}
}

// gone is a caller that does not read any more.
func gone(err error) error {
	return &fault.Error{Op: "api.batch", Class: fault.Invalid, Message: "the answers were not read", Err: err}
}

// detail puts an error of a line into words.
func (m *many) detail(err error) *Detail {
	var r *refusal
	if errors.As(err, &r) {
		d := detail(r.code, r.message, nil)
		return &d
	}
	p, _ := problem(err, m.id)
	return &p.Error
}
