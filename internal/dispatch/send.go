package dispatch

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// send makes the attempt's call, and one more, at once and never two, when
// WeChat says that the token was not good. The calls are made on lasting, which
// outlives ctx; what lies between them ends with ctx.
func (d *Dispatcher) send(ctx, lasting context.Context, job message.Job, leave message.Leave, slot *slot, token string) message.Answer {
	answer := d.call(lasting, job, leave, token)
	if answer.Class != fault.Token {
		return answer
	}
	// The window holds two calls; what lies between may take what is left.
	deadline := time.Now().Add(d.Rules.Window() - 2*d.Rules.CallTimeout - ledgerTimeout)
	bounded, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	token, err := d.Tokens.Refresh(bounded, token)
	if err != nil {
		return answer
	}
	if d.take(bounded, slot) != nil {
		return answer
	}
	return d.call(lasting, job, leave, token)
}

func (d *Dispatcher) call(ctx context.Context, job message.Job, leave message.Leave, token string) message.Answer {
	ctx, cancel := context.WithTimeout(ctx, d.Rules.CallTimeout)
	defer cancel()
	clientMsgID := ""
	if job.Message.Kind == message.Template {
		clientMsgID = message.ClientMsgID(job.Message.ID, leave.Life)
	}
	answer := d.Sender.Send(ctx, job.Message.WithPermit(leave.Permit.Code), token, clientMsgID)
	d.Pace.Answered(answer.Class)
	d.Watch.Attempted(job.Message, answer.Class, answer.Took)
	return answer
}
