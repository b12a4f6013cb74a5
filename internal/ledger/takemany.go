package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Asked is one of many messages that are to be taken.
type Asked struct {
	Job      message.Job
	Need     message.Need
	Deadline time.Time // as Reserve's
	// Reserve writes the message down with the permit that it needs; else the
	// ledger only tells what it knows.
	Reserve bool
}

// Taking is the ledger's answer to one of many. Of a message that is only asked
// for, Known, State, Digest and Unwanted are set, Unwanted also when it is known.
type Taking struct {
	Reservation
	Err error // class Unavailable: it may or may not have been reserved; ask again
}

// TakeMany is Reserve of many, and the same look at those that need no
// reservation, in their order: one trip for all of them, or with Durably and
// something to reserve one more for each account. No two may have the same id.
func (l *Ledger) TakeMany(ctx context.Context, asked []Asked, keep time.Duration) []Taking {
	t := &taking{Ledger: l, asked: asked, keep: keep, taken: make([]Taking, len(asked))}
	together, durable := t.split()
	t.ask(ctx, l.redis, together)
	for _, places := range durable {
		t.durably(ctx, places)
	}
	return t.taken
}

// taking is one TakeMany. Places are numbers of asked and taken.
type taking struct {
	*Ledger
	asked []Asked
	keep  time.Duration
	taken []Taking
}

// split says what is asked in one trip, and what account by account since its
// replicas are waited for.
func (t *taking) split() (together []int, durable map[string][]int) {
	durable = map[string][]int{}
	for i, a := range t.asked {
		if t.replicated != nil && a.Reserve {
			durable[a.Job.Message.Account] = append(durable[a.Job.Message.Account], i)
		} else {
			together = append(together, i)
		}
	}
	return together, durable
}

// durably asks for reservations of one account; they count only once enough
// replicas have them.
func (t *taking) durably(ctx context.Context, places []int) {
	m := t.asked[places[0]].Job.Message
	err := t.replicated(ctx, keys.Record(m.Account, m.ID), func(client redis.UniversalClient) error {
		t.ask(ctx, client, places)
		return nil
	})
	for _, i := range places {
		if err != nil && t.taken[i].Err == nil {
			t.taken[i] = Taking{Err: err}
		}
	}
}

// ask asks for places, again where Redis did not know the script.
func (t *taking) ask(ctx context.Context, client redis.UniversalClient, places []int) {
	unknown := t.try(ctx, client, places)
	if len(unknown) == 0 {
		return
	}
	if err := reserve.in.Load(ctx, client).Err(); err != nil {
		t.failed(unknown, err)
		return
	}
	t.failed(t.try(ctx, client, unknown), errors.New("NOSCRIPT again, after the script was loaded"))
}

func (t *taking) failed(places []int, err error) {
	for _, i := range places {
		t.taken[i] = Taking{Err: unavailable(reserveOp, err)}
	}
}

// try asks once, and returns the places whose script Redis does not know.
func (t *taking) try(ctx context.Context, client redis.UniversalClient, places []int) (unknown []int) {
	if len(places) == 0 {
		return nil
	}
	pipe := client.Pipeline()
	now := pipe.Time(ctx)
	var looked, reserved []int
	var looks []look
	var asks []ask
	for _, i := range places {
		if a := t.asked[i]; a.Reserve {
			reserved, asks = append(reserved, i), append(asks, reservation(a, t.keep))
		} else {
			looked, looks = append(looked, i), append(looks, lookFor(ctx, pipe, a.Job.Message))
		}
	}
	calls := callsOf(asks)
	replies := send(ctx, pipe, calls)
	_, _ = pipe.Exec(ctx) // each reply has its own error
	for k, i := range looked {
		t.taken[i] = looks[k].taking(t.asked[i].Job.Message, now)
	}
	for k, c := range calls {
		unknown = append(unknown, t.read(ctx, client, c, reserved[c.first:c.first+len(c.asks)], replies[k])...)
	}
	return unknown
}

// read reads the answer to a call for places, and returns them all when Redis
// does not know its script. One of many that is refused with the others is
// asked again by itself.
func (t *taking) read(ctx context.Context, client redis.UniversalClient, c call, places []int, reply *redis.Cmd) (unknown []int) {
	answers, err := c.read(reply)
	switch {
	case redis.HasErrorPrefix(err, "NOSCRIPT"):
		return places
	case err != nil && len(places) > 1 && refusedByRedis(err):
		for _, i := range places {
			t.ask(ctx, client, []int{i})
		}
	case err != nil:
		t.failed(places, err)
	default:
		for k, i := range places {
			t.taken[i].Reservation, t.taken[i].Err = t.reserved(t.asked[i].Job.Message, answers[k])
		}
	}
	return nil
}

// look is what is asked of a message that needs no reservation.
type look struct{ wishes, record *redis.SliceCmd }

func lookFor(ctx context.Context, pipe redis.Pipeliner, m *message.Message) (l look) {
	if !m.Force {
		l.wishes = pipe.HMGet(ctx, keys.Suppressions(m.Account, m.Body.Recipient()), everything, m.Body.TemplateID())
	}
	l.record = pipe.HMGet(ctx, keys.Record(m.Account, m.ID), "s", "d")
	return l
}

func (l look) taking(m *message.Message, now *redis.TimeCmd) (taken Taking) {
	record, err := l.record.Result()
	if err == nil && l.wishes != nil {
		err = errors.Join(now.Err(), l.wishes.Err())
	}
	if err != nil {
		return Taking{Err: unavailable("ledger.take", err)}
	}
	if state, known := record[0].(string); known {
		taken.Known, taken.State = true, message.State(state)
		taken.Digest, _ = record[1].(string)
	}
	if l.wishes != nil {
		taken.Unwanted = unwanted(m.Body.Recipient(), m.Body.TemplateID(), l.wishes.Val(), now.Val())
	}
	return taken
}
