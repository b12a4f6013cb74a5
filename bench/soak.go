package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"wxdispatch/internal/message/keys"
)

// runSoak runs a soak and tells what it showed. Whatever comes, all that it
// started is stopped, the last first.
func runSoak(ctx context.Context, set soakSettings, stdout io.Writer) error {
	all := settings{words: set.words}
	// The processes outlive ctx: its end stops them in their order.
	s := &soakStand{stand: &stand{ctx: context.WithoutCancel(ctx), set: all}, soak: set, cast: castOf(set.Accounts)}
	defer s.close()
	r, err := s.run(ctx)
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing of it runs any more")
	}
	if err != nil {
		return err
	}
	if err := r.write(stdout, set.JSON); err != nil {
		return err
	}
	return r.verdict()
}

func (s *soakStand) run(ctx context.Context) (*soakReport, error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	w := &watcher{soakStand: s, scraper: newScraper(), begun: time.Now()}
	defer w.scraper.client.CloseIdleConnections()
	if err := s.begin(); err != nil {
		return nil, err
	}
	before, empty, err := s.spent()
	if err != nil {
		return nil, err
	}
	seen, err := w.watch(ctx)
	if err != nil {
		return nil, err
	}
	after, full, err := s.spent()
	if err != nil {
		return nil, err
	}
	r := newSoakReport(s.soak, seen)
	r.cost(before, after)
	r.commands(empty, full)
	if r.Counts, err = w.settle(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// spent is the processor time of each process so far, and what Redis did.
func (s *soakStand) spent() (cpu map[string]time.Duration, did book, err error) {
	cpu = map[string]time.Duration{}
	for name, p := range s.parts() {
		if cpu[name], err = p.cpu(); err != nil {
			return nil, did, err
		}
	}
	did, err = readBook(s.ctx, s.client)
	return cpu, did, err
}

// watch looks again and again until everything was handed over.
func (w *watcher) watch(ctx context.Context) ([]moment, error) {
	var seen []moment
	ticker := time.NewTicker(w.soak.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		m, err := w.look(ctx)
		if err != nil {
			return nil, err
		}
		w.set.progress("%s", m.words())
		seen = append(seen, m)
		if m.Fed.Fault != "" {
			return nil, fmt.Errorf("the producer ended: %s", m.Fed.Fault)
		}
		if m.Fed.Done {
			return seen, nil
		}
	}
}

// counts are all messages of a soak.
type counts struct {
	Handed   int            `json:"handed_over"`
	Refused  int            `json:"refused_at_intake"`
	Why      string         `json:"why_refused,omitempty"`
	Sent     int            `json:"sent"` // different ones, as the stand-in counted
	Lost     int            `json:"lost"`
	Doubled  int            `json:"doubled"`
	InDoubt  int            `json:"in_doubt"`
	Ended    map[string]int `json:"ended"`
	Pushed   int            `json:"receipts_pushed"`
	Untaken  int            `json:"receipts_not_taken"`
	Joined   int            `json:"receipts_joined"`
	Unjoined int            `json:"receipts_without_a_message"`
	ToTell   int            `json:"events_for_the_webhook"`
	Told     int            `json:"events_told_by_webhook"`
}

// settle waits until nothing comes any more, and counts.
func (w *watcher) settle(ctx context.Context) (counts, error) {
	var m moment
	var told int
	best, since := -1, time.Now()
	err := until(ctx, w.soak.Every/4, func() (done bool, err error) {
		if m, err = w.look(ctx); err != nil {
			return false, err
		}
		if err := w.hook.ask("events", &told); err != nil {
			return false, err
		}
		come := m.WeChat.Distinct + m.Joined + told
		if come > best {
			best, since = come, time.Now()
		}
		pushes := m.WeChat.Pushes
		over := m.WeChat.Distinct >= m.Fed.Handed && pushes.Taken+pushes.Lost >= pushes.Receipts && m.Joined >= pushes.Taken
		return over && told >= w.toTell(m.Fed.Handed) || time.Since(since) > stalled, nil
	})
	if err != nil {
		return counts{}, err
	}
	c := counts{Handed: m.Fed.Handed, Refused: m.Fed.Refused, Why: m.Fed.Why, Sent: m.WeChat.Distinct,
		Lost: m.Fed.Handed - m.WeChat.Distinct, Doubled: m.WeChat.Deliveries - m.WeChat.Distinct, InDoubt: m.Ended["in_doubt"], Ended: m.Ended,
		Pushed: m.WeChat.Pushes.Receipts, Untaken: m.WeChat.Pushes.Lost, ToTell: w.toTell(m.Fed.Handed), Told: told}
	if c.Unjoined, err = w.unjoined(ctx); err != nil {
		return c, err
	}
	c.Joined = m.Joined - c.Unjoined
	return c, nil
}

// toTell is how many events n messages make for the webhook: an end and a
// receipt for each message of an account that has one.
func (w *watcher) toTell(n int) (events int) {
	for i, a := range w.cast {
		if a.hook {
			events += 2 * ((n + len(w.cast) - 1 - i) / len(w.cast))
		}
	}
	return events
}

// unjoined counts the receipts that still wait for their message.
func (w *watcher) unjoined(ctx context.Context) (n int, err error) {
	for _, a := range w.cast {
		all := w.client.Scan(ctx, 0, keys.Early(a.Name, "*"), 10_000).Iterator()
		for all.Next(ctx) {
			n++
		}
		err = errors.Join(err, all.Err())
	}
	return n, err
}
