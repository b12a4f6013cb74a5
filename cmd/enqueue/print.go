package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// printed is a request as WeChat would get it.
type printed struct {
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
}

// printAll shows what each message's first life would send, and sends nothing.
func (s *send) printAll(items iter.Seq[item]) error {
	bad := false
	for next := range items {
		m, err := decode(next)
		switch {
		case err != nil && !fault.Is(err, fault.Invalid):
			return ours("%s: %w", next.source, err)
		case err != nil:
			bad = true
			s.tell("%s: %s", next.source, strings.Join(words(err), "\n"+next.source+": "))
			continue
		}
		if err := s.printOne(m); err != nil {
			return err
		}
	}
	if bad {
		return refused()
	}
	return nil
}

func (s *send) printOne(m *message.Message) error {
	clientMsgID := ""
	if m.ID != "" {
		clientMsgID = message.ClientMsgID(m.ID, 1)
	} else if m.Kind == message.Template {
		s.tell("the message has no id: it gets one when it is sent, and client_msg_id with it")
	}
	body, err := message.Wire(m.Body, clientMsgID)
	if err != nil {
		return err
	}
	if s.asJSON {
		return written(newEncoder(s.stdout).Encode(printed{m.Kind.Path(), body}))
	}
	_, err = fmt.Fprintf(s.stdout, "POST %s\n%s\n", m.Kind.Path(), body)
	return written(err)
}
