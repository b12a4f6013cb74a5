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

func conflict(id string, state message.State) error {
	return &fault.Error{Op: op, Class: fault.Conflict, Message: fmt.Sprintf(
		"the id %s belongs to a message with other content, which is %s; give another id, or hand over exactly the same content", id, state)}
}

func invalid(path, format string, args ...any) error {
	return fault.InvalidFields(op, []fault.Field{{Path: path, Message: fmt.Sprintf(format, args...)}})
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }
