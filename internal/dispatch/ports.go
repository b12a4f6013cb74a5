package dispatch

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Tokens is where the account's access_token comes from.
type Tokens interface {
	// Token returns the current token, usually at once. Errors: class Account
	// (the account cannot get one), Busy or Unavailable (not now), each with
	// RetryAfter.
	Token(ctx context.Context) (string, error)
	// Refresh returns a token other than stale, which WeChat just refused. Of
	// many callers one fetches. Errors as Token.
	Refresh(ctx context.Context, stale string) (string, error)
}

// Pace hands out the account's slots: one a call to a send endpoint.
type Pace interface {
	// Slot blocks until a call may start and returns what ends it, and until
	// when it must have started. Batches let single messages go first. It
	// fails only when ctx or the worker ends; then no slot was taken.
	Slot(ctx context.Context, batch bool) (end func(), good time.Time, err error)
	// Answered follows each call: when WeChat pushes back, slots come slower.
	// It does not block.
	Answered(class fault.Class)
}

// Ledger is the account's book of what was tried.
type Ledger interface {
	// Begin asks for leave to send; asking again with the same run changes
	// nothing. Class Unavailable: it may or may not have been written.
	Begin(ctx context.Context, a message.Attempt) (message.Leave, error)
	// Settle writes down what came of it; repeating it changes nothing. Class
	// Unavailable: it may or may not have been written.
	Settle(ctx context.Context, s message.Settlement) (message.Settled, error)
	// KeepPayload keeps a message that ended badly, for a replay; repeating it
	// changes nothing.
	KeepPayload(ctx context.Context, m *message.Message, keep time.Duration) error
}

// Sender makes one HTTP call a message. It never fails: what went wrong is the
// answer.
type Sender interface {
	// Send blocks for at most WeChat's timeout.
	Send(ctx context.Context, m *message.Message, token, clientMsgID string) message.Answer
	// Reach asks WeChat something that changes nothing, and is nil when it
	// answers at all. It blocks for at most WeChat's timeout.
	Reach(ctx context.Context) error
}

// Watch is told what happens, for metrics and tests. It must not block.
type Watch interface {
	// Attempted follows each HTTP call.
	Attempted(m *message.Message, class fault.Class, took time.Duration)
	// Waited follows the first begin of a message: the time since it was due.
	Waited(m *message.Message, wait time.Duration)
	// Ended follows each final state that this process wrote or met.
	Ended(m *message.Message, state message.State)
}
