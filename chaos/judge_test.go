package chaos_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// tellEvery is how often a wait tells what it waits for.
const tellEvery = 10 * time.Second

// evidence is all that is known of one message.
type evidence struct {
	part   *part
	record *message.Record // nil: none
	rings  int             // how often the user's phone rang
	talk   talk
	events []message.State // what the account's stream told, in order
	// failover: what was written last may be forgotten, on the whole or in part.
	failover bool
}

// faults returns what is wrong with one message's end, in words. It knows the
// promises and nothing of how they are kept.
func (e evidence) faults() []string {
	var wrong []string
	found := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	found(e.rings > 1, "delivered %d times", e.rings)
	if e.record == nil {
		return append(wrong, "lost: it has no record")
	}
	state := e.record.State
	found(!state.Final(), "lost: it is %s (%s), no final state", state, e.record.Reason)
	found(state == message.Accepted && e.rings == 0, "lost: accepted, and never delivered")
	found(state != message.Accepted && state != message.InDoubt && e.rings > 0, "delivered, though it is %s", state)
	if state.Final() {
		found(!slices.Contains(e.ends(), state), "it is %s (%s); possible are %v", state, e.record.Reason, e.ends())
	}
	found(e.talk.unheard > 0 && !e.part.repeating && state != message.InDoubt && !e.late(),
		"%d of %d calls went unanswered, yet it is %s", e.talk.unheard, e.talk.calls, state)
	found(len(e.events) == 0 || e.events[len(e.events)-1] != state, "its record says %s, its events say %v", state, e.events)
	found(len(e.events) > 1 && (e.events[0] != message.InDoubt || len(e.events) > 2), "it ended more than once: %v", e.events)
	return wrong
}

// ends are the states that it may end in. A doubt is for what must not be sent
// again, for a refusal that came after silence, and, after a failover, for a
// message whose settle was forgotten while its task was done: nothing is left
// to send again.
func (e evidence) ends() []message.State {
	switch {
	case e.part.blocked:
		return []message.State{message.Refused, message.InDoubt}
	case e.part.repeating && !(e.failover && e.record.Reason == "task_gone"):
		return []message.State{message.Accepted}
	}
	return []message.State{message.Accepted, message.InDoubt}
}

// late tells whether an ok ended the doubt that its run had left behind.
func (e evidence) late() bool {
	return slices.ContainsFunc(e.record.History, func(s message.Step) bool {
		return s.State == message.Accepted && s.Reason == "late"
	})
}

// judge holds the stand-in's count against the ledger, message by message.
func (r *run) judge(ctx context.Context) {
	r.t.Helper()
	all, err := r.gather(ctx)
	if err != nil {
		r.t.Fatal(err)
	}
	r.report(all)
	r.checkIndexes(ctx, all)
	r.checkPermits(ctx, all)
	r.accuse(all)
}

func (r *run) gather(ctx context.Context) ([]evidence, error) {
	records, err := r.records(ctx, r.parts)
	if err != nil {
		return nil, err
	}
	events, err := r.events(ctx)
	if err != nil {
		return nil, err
	}
	rings := r.stand.Delivered()
	all := make([]evidence, len(r.parts))
	for i, p := range r.parts {
		all[i] = evidence{part: p, record: records[i], rings: rings[p.key], talk: r.stand.talkOf(p.key),
			events: events[p.message.ID], failover: r.done[failover] > 0}
	}
	return all, nil
}

// records reads the ledger, many a trip.
func (r *run) records(ctx context.Context, parts []*part) ([]*message.Record, error) {
	records := make([]*message.Record, len(parts))
	for _, account := range []string{shop, mini} {
		var at []int
		for i, p := range parts {
			if p.message.Account == account {
				at = append(at, i)
			}
		}
		for some := range slices.Chunk(at, 500) {
			ids := make([]string, len(some))
			for i, n := range some {
				ids[i] = parts[n].message.ID
			}
			found, err := r.book.Records(ctx, account, ids)
			if err != nil {
				return nil, err
			}
			for i, n := range some {
				records[n] = found[i]
			}
		}
	}
	return records, nil
}

// events is what the accounts' streams told, by id.
func (r *run) events(ctx context.Context) (map[string][]message.State, error) {
	told := map[string][]message.State{}
	for _, account := range []string{shop, mini} {
		entries, err := r.direct.XRange(ctx, keys.Events(account), "-", "+").Result()
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			id, _ := entry.Values["id"].(string)
			state, _ := entry.Values["state"].(string)
			told[id] = append(told[id], message.State(state))
		}
	}
	return told, nil
}

// awaitEnds returns when every message's record is final.
func (r *run) awaitEnds(ctx context.Context) error {
	open, began, told := r.parts, time.Now(), 0
	err := until(ctx, "every message to end", func() (bool, error) {
		records, err := r.records(ctx, open)
		if err != nil {
			return false, err
		}
		var still []*part
		for i, record := range records {
			if record == nil || !record.State.Final() {
				still = append(still, open[i])
			}
		}
		open = still
		if waits := int(time.Since(began) / tellEvery); waits > told && len(open) > 0 {
			told = waits
			r.tell("%6.1fs  %d have not ended, among them %s", time.Since(r.begun).Seconds(), len(open), stands(open[0], records))
		}
		return len(open) == 0, nil
	})
	if err != nil {
		return fmt.Errorf("%d messages have not ended: %w", len(open), err)
	}
	return nil
}

// stands tells where a message stands that has not ended.
func stands(p *part, records []*message.Record) string {
	for _, record := range records {
		if record != nil && record.ID == p.message.ID {
			return fmt.Sprintf("%s: %s (%s) since %s, due %s", record.ID, record.State, record.Reason,
				record.UpdatedAt.Format("15:04:05.000"), record.Due.Format("15:04:05.000"))
		}
	}
	return p.message.ID + ": not begun"
}

// checkIndexes: nothing is under way any more, and the doubts are those that
// the records tell of.
func (r *run) checkIndexes(ctx context.Context, all []evidence) {
	r.t.Helper()
	for _, account := range []string{shop, mini} {
		for _, index := range []string{keys.Sending(account), keys.Waiting(account)} {
			if left := r.direct.ZRange(ctx, index, 0, 9).Val(); len(left) > 0 {
				r.t.Errorf("%s still holds %v", index, left)
			}
		}
		doubts := map[string]bool{}
		for _, id := range r.direct.ZRangeArgs(ctx, redis.ZRangeArgs{Key: keys.Doubts(account), Start: 0, Stop: -1}).Val() {
			doubts[id] = true
		}
		for _, e := range all {
			if e.record == nil || e.record.Account != account {
				continue
			}
			if in := e.record.State == message.InDoubt; in != doubts[e.record.ID] {
				r.t.Errorf("%s is %s; the index of doubts holds it: %t", e.record.ID, e.record.State, doubts[e.record.ID])
			}
		}
	}
}
