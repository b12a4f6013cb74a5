package worker

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wxdispatch/internal/access"
	"wxdispatch/internal/admin"
	"wxdispatch/internal/config"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/standing"
)

// newDesk is where the pages look things up and have them done, as the commands
// and the HTTP API do.
func newDesk(w *Worker, cfg *config.Config) *desk.Desk {
	return desk.New(w.redis, desk.Options{Known: access.Accounts(cfg), MaxAge: cfg.Message.MaxAge, Keep: cfg.Message.Keep,
		Replicas: cfg.Redis.WaitReplicas, By: "operator", Counting: w.metrics.Permit})
}

// records are what is known of messages, by id and by user.
type records struct {
	intake.Lookup
	intake.Finder
}

// ends are what ended badly, as the pages know it.
type ends struct {
	intake.Ends
	deeds desk.Deeds
}

// A page of a replay has so many messages; when less than replayMargin is left
// of the call's time, none is begun.
const (
	replayPage   = 500
	replayMargin = 5 * time.Second
)

// Clock is the time that records carry.
func (e ends) Clock(ctx context.Context) (time.Time, error) { return e.Replayer.Clock(ctx) }

// Replay sends what the filter picks again, page by page, as long as there is
// time.
func (e ends) Replay(ctx context.Context, account string, f ledger.Filter, who string) (admin.Replayed, error) {
	done, from := admin.Replayed{More: true}, intake.ReplayFrom{}
	var err error
	for done.More && err == nil && !late(ctx) {
		var page intake.ReplayPage
		page, err = e.Ends.Replay(ctx, account, f, from, replayPage)
		add(&done, page)
		from = page.Next
	}
	if done.Sent+done.Refused > 0 {
		e.deeds.Note(ctx, account, desk.Deed{What: "replay", Reason: picks(f), Who: who, Words: fmt.Sprintf("%d sent again, %d not", done.Sent, done.Refused)})
	}
	return done, err
}

func late(ctx context.Context) bool {
	end, bounded := ctx.Deadline()
	return bounded && time.Until(end) < replayMargin
}

func add(done *admin.Replayed, page intake.ReplayPage) {
	done.Doubts, done.More = done.Doubts+page.Doubts, page.More
	for _, r := range page.Results {
		done.Add(r.ID, r.Err)
	}
}

// picks is a filter in short, for the log.
func picks(f ledger.Filter) string {
	var parts []string
	if f.State != "" {
		parts = append(parts, string(f.State))
	}
	if f.ErrCode != nil {
		parts = append(parts, fmt.Sprint(*f.ErrCode))
	}
	if f.Kind != "" {
		parts = append(parts, string(f.Kind))
	}
	if f.Batch != "" {
		parts = append(parts, "batch "+f.Batch)
	}
	if len(parts) == 0 {
		return "all"
	}
	return strings.Join(parts, " ")
}

// turns are whole batches as the pages know them.
type turns struct {
	batches intake.Batches
	deeds   desk.Deeds
}

// Show returns how one stands.
func (t turns) Show(ctx context.Context, account, name string) (standing.Batch, error) {
	return t.batches.Show(ctx, account, name)
}

// Pause keeps what waits where it is.
func (t turns) Pause(ctx context.Context, account, name, who string) error {
	_, err := t.batches.Pause(ctx, account, name)
	return t.turned(ctx, account, name, "pause", who, err)
}

// Resume lets a paused batch go on.
func (t turns) Resume(ctx context.Context, account, name, who string) error {
	_, err := t.batches.Resume(ctx, account, name)
	return t.turned(ctx, account, name, "resume", who, err)
}

// clearing is how long a call ends what waits of a batch that it cancelled; the
// worker's housekeeping does the rest.
const clearing = time.Second

// Cancel stops one for good.
func (t turns) Cancel(ctx context.Context, account, name, who string) error {
	short, cancel := context.WithTimeout(ctx, clearing)
	defer cancel()
	_, err := t.batches.Cancel(short, account, name, func(int) {})
	if err != nil && short.Err() != nil {
		if now, shown := t.batches.Show(ctx, account, name); shown == nil && now.State == string(ledger.BatchCancelled) {
			err = nil
		}
	}
	return t.turned(ctx, account, name, "cancel", who, err)
}

func (t turns) turned(ctx context.Context, account, name, turn, who string, err error) error {
	if err == nil {
		t.deeds.Note(ctx, account, desk.Deed{What: "batch_" + turn, Who: who, Words: "batch " + name})
	}
	return err
}
