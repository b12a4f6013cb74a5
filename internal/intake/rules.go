package intake

import (
	"fmt"
	"strings"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
)

const (
	op = "intake.take"

	// farthest is how far ahead a send_at may be; more is a mistyped year, or
	// milliseconds where seconds belong.
	farthest = 366 * 24 * time.Hour

	// permitLife is how long WeChat takes a form_id or prepay_id, less a margin
	// for clocks and for the way.
	permitLife   = 7*24*time.Hour - permitMargin
	permitMargin = 5 * time.Minute
)

// fits refuses a kind that this type of account does not send.
func fits(m *message.Message, account registry.Account) error {
	if account.Type.Sends(m.Kind) {
		return nil
	}
	var kinds []string
	for _, k := range account.Type.Kinds() {
		kinds = append(kinds, string(k))
	}
	return invalid("kind", "found %s; account %s is %s: %s", m.Kind, account.Name, account.Type, strings.Join(kinds, ", "))
}

// inTime refuses what could never be sent, or not before a time that nobody means.
func inTime(m *message.Message, now time.Time) error {
	if !m.ExpiresAt.IsZero() && !m.ExpiresAt.After(now) {
		return invalid("expires_at", "found %s, which is over (now is %s); give a later time, or none",
			stamp(m.ExpiresAt), stamp(now.In(m.ExpiresAt.Location())))
	}
	if m.SendAt.Sub(now) > farthest {
		return invalid("send_at", "found %s; allowed is at most a year ahead", stamp(m.SendAt))
	}
	return nil
}

// permitted refuses a message that needs a permit and has none that will hold
// until it is sent.
func permitted(m *message.Message, now time.Time) error {
	code := m.Body.PermitCode()
	if code == "" {
		return withoutPermit(m)
	}
	issued := m.PermitIssuedAt
	if issued.IsZero() {
		issued = now
	}
	if ends := issued.Add(permitLife); m.Due(now).After(ends) {
		return unpermitted("the permit ends at %s (7 days after it was handed out, less 5 minutes), before the message is due at %s; use a newer one, or send earlier",
			stamp(ends), stamp(m.Due(now)))
	}
	return nil
}

func withoutPermit(m *message.Message) error {
	where := ""
	switch body := m.Body.(type) {
	case *message.WXOpenBody:
		where = "body"
	case *message.UniformBody:
		if body.Weapp != nil {
			where = "body.weapp_template_msg"
		}
	}
	if where == "" {
		return nil
	}
	return unpermitted("no permit is known for this user; put a form_id, or a prepay_id as form_id, into %s", where)
}

func conflict(record *message.Record) error {
	return &fault.Error{Op: op, Class: fault.Conflict, Message: fmt.Sprintf(
		"the id %s belongs to a message with other content, which is %s; give another id, or hand over exactly the same content", record.ID, record.State)}
}

func invalid(path, format string, args ...any) error {
	return fault.InvalidFields(op, []fault.Field{{Path: path, Message: fmt.Sprintf(format, args...)}})
}

func unpermitted(format string, args ...any) error {
	return &fault.Error{Op: op, Class: fault.Unpermitted, Message: fmt.Sprintf(format, args...)}
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
