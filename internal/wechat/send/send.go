// Package send makes the HTTP call that brings one message to WeChat and tells
// what came of it in the words of package message.
//
// Its promise: one Send is at most one request on the wire, and its answer has
// class unsent only where surely nothing was written. Whether to send, and what
// an answer leads to, is decided by who calls.
package send

import (
	"context"
	"errors"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
)

// Sender sends one account's messages. It may be used by many goroutines.
type Sender struct{ client *wechat.Client }

// New makes a sender that calls through client, which stays its owner's.
func New(client *wechat.Client) *Sender { return &Sender{client: client} }

// Send makes one call for m with the access_token and, for kinds that take
// one, the client_msg_id. It blocks for the client's timeout at most.
//
// A body that cannot be written as JSON is class payload, and an unknown kind
// class caller, both without a call.
func (s *Sender) Send(ctx context.Context, m *message.Message, token, clientMsgID string) message.Answer {
	path := m.Kind.Path()
	if path == "" {
		return message.Answer{Class: fault.Caller, Message: "kind " + string(m.Kind) + " is not known; nothing was sent"}
	}
	body, err := message.Wire(m.Body, clientMsgID)
	if err != nil {
		return message.Answer{Class: fault.Payload, Message: "nothing was sent: " + err.Error()}
	}
	begun := time.Now()
	reply, err := s.client.Post(ctx, path, token, body)
	took := time.Since(begun)
	if err != nil {
		return message.Answer{Class: fault.ClassOf(err), Message: words(err), Took: took}
	}
	code := wechat.Lookup(reply.Code)
	return message.Answer{
		Class:   code.Class,
		Code:    reply.Code,
		Message: reply.Message,
		RID:     reply.RID,
		MsgID:   reply.MsgID,
		Hold:    code.Hold,
		Took:    took,
	}
}

// Reach is nil when WeChat answers at all, or somebody in its place. It changes
// nothing there.
func (s *Sender) Reach(ctx context.Context) error {
	err := s.client.Reach(ctx)
	if fault.Is(err, fault.Busy) {
		return nil
	}
	return err
}

// words are what an error says without the operation's name.
func words(err error) string {
	var known *fault.Error
	if errors.As(err, &known) && known.Message != "" {
		return known.Message
	}
	return err.Error()
}
