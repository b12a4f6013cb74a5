package intake

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// reserves tells whether a message is written into the ledger before it is
// enqueued: one that must hold a permit, and every uniform message, so that two
// of one id meet there whether they need one or not. What is only spent when it
// is there (consents: observe) is taken at the send.
func reserves(m *message.Message, need message.Need) bool {
	return need.Enforce || m.Kind == message.Uniform
}

// takeReserved takes a message with its permit: first the ledger reserves, then
// the queue gets it. Whoever is cut off in between brings the message again and
// finds its reservation; if nobody does, a sweep frees it.
func (i *Intake) takeReserved(ctx context.Context, job message.Job, need message.Need, result Result) (Result, error) {
	m := job.Message
	if late := inTime(m, job.Created); late != nil {
		record, err := i.known(ctx, m)
		if err != nil {
			return result, err
		}
		if record == nil {
			return result, late
		}
		return repeated(result, record.State), nil
	}
	res, err := i.Permits.Reserve(ctx, job, need, m.Deadline(job.Created, i.MaxAge), i.Keep)
	switch {
	case err != nil:
		return result, err
	case res.Unwanted != nil:
		return result, unwanted(res.Unwanted)
	case res.Refused():
		return result, unpermitted(m, res, job.Created)
	case res.Digest != m.Digest:
		return result, conflict(m.ID, res.State)
	case res.State != message.Queued:
		return repeated(result, res.State), nil
	}
	result, err = i.put(ctx, job, result)
	if fault.Is(err, fault.Conflict) && !res.Known {
		err = i.unreserve(ctx, job, err)
	}
	return result, err
}

// unreserve gives back what a message holds that cannot be enqueued; cause is
// why.
func (i *Intake) unreserve(ctx context.Context, job message.Job, cause error) error {
	if _, err := i.Permits.Unreserve(ctx, job); err != nil {
		return err
	}
	return cause
}

// unpermitted says why there is no permit for a message, what is left to the
// user, and what to do.
func unpermitted(m *message.Message, res ledger.Reservation, now time.Time) error {
	due := stamp(m.Due(now))
	words := map[string]string{
		permit.None:    "no permit of this user lasts until the message is due at " + due + "; collect a form_id or a prepay_id (enqueue permit add), put one into the body, or use another way",
		permit.Expired: "the permit in the body ends before the message is due at " + due + " (7 days after it was handed out, less 5 minutes); use a newer one, or send earlier",
		permit.Used:    "the permit in the body has no use left: a form_id is good for 1 message, a prepay_id for 3; use another one, or none, which takes the user's next",
		permit.Void:    "the permit in the body is void: WeChat refused it before, or it was removed; use another one, or none, which takes the user's next",
		permit.Consent: "no consent of this user is known for the template, and the account enforces consents; ask the user again (wx.requestSubscribeMessage) and hand the consent over (enqueue permit add --type consent)",
	}[res.Reason]
	return &fault.Error{Op: op, Class: fault.Unpermitted, Message: words + "; " + left(res)}
}

func left(res ledger.Reservation) string {
	switch {
	case res.Left == 0:
		return "nothing is left to the user"
	case res.Ends.IsZero():
		return fmt.Sprintf("%d are left to the user", res.Left)
	}
	return fmt.Sprintf("%d uses are left to the user, the last until %s", res.Left, stamp(res.Ends))
}
