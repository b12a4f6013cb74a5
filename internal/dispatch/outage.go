package dispatch

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// reachTimeout is how long WeChat may take to answer at all, and the slot after
// it to come.
const reachTimeout = 2 * time.Second

// tryOutage asks whether WeChat answers at all, before a message finds out
// whether an outage is over: a send into the silence would leave a doubt, and
// each try of a long outage one more. An error says that the attempt was given
// back.
func (d *Dispatcher) tryOutage(ctx context.Context, job message.Job, run string, slot *slot) error {
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), reachTimeout)
	defer cancel()
	if err := d.Sender.Reach(asking); err != nil {
		return d.stillAway(ctx, job, run, err)
	}
	if ctx.Err() != nil || !d.fresh(ctx, slot, time.Now().Add(reachTimeout)) {
		return d.giveBack(ctx, job, run)
	}
	return nil
}

// stillAway settles a try that made no send: uncounted, and one more sign that
// WeChat is away, which lengthens the park.
func (d *Dispatcher) stillAway(ctx context.Context, job message.Job, run string, cause error) error {
	away := message.Answer{Class: fault.Unsent, Message: "not sent: WeChat does not answer"}
	wait := same(message.Outcome{State: message.Waiting, Reason: "outage", After: comeBack, GiveBack: true})
	wait.Sign = message.BadSign
	if _, err := d.write(context.WithoutCancel(ctx), job, run, away, wait); err != nil {
		return err
	}
	return &fault.Error{Op: "dispatch.outage", Class: fault.Unsent, Message: "WeChat does not answer", Err: cause}
}
