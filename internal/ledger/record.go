package ledger

import (
	"context"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Record returns what is known of a message; class NotFound when nothing is:
// it was never taken, still waits for its first attempt, or ended longer ago
// than message.keep.
func (l *Ledger) Record(ctx context.Context, account, id string) (*message.Record, error) {
	fields, err := l.redis.HGetAll(ctx, keys.Record(account, id)).Result()
	if err != nil {
		return nil, unavailable("ledger.record", err)
	}
	if len(fields) == 0 {
		return nil, unavailable("ledger.record", redis.Nil)
	}
	return readRecord(account, id, fields), nil
}

// readRecord is the record's layout (lua/words.lua) in Go.
func readRecord(account, id string, f map[string]string) *message.Record {
	rec := &message.Record{
		ID: id, Account: account,
		Kind:       message.Kind(f["k"]),
		OpenID:     f["u"],
		TemplateID: f["t"],
		Batch:      f["b"],
		State:      message.State(f["s"]),
		Attempts:   number(f["n"]),
		ErrCode:    number(f["e"]),
		ErrMsg:     f["w"],
		RID:        f["i"],
		MsgID:      f["g"],
		Reason:     f["z"],
		CreatedAt:  moment(f["c"]),
		SendAt:     moment(f["a"]),
		SentAt:     moment(f["x"]),
		UpdatedAt:  moment(f["m"]),
		Digest:     f["d"],
		Life:       max(1, number(f["l"])),
		Due:        moment(f["q"]),
	}
	if status := f["R"]; status != "" {
		rec.Receipt = &message.Receipt{Status: status, At: moment(f["T"])}
	}
	rec.Open = firstOpen(f)
	rec.History = history(rec, f)
	return rec
}

// firstOpen is the earliest of the attempts that stayed unanswered.
func firstOpen(f map[string]string) time.Time {
	var first time.Time
	for name, at := range f {
		if start := moment(at); name[0] == 'y' && (first.IsZero() || start.Before(first)) {
			first = start
		}
	}
	return first
}

// history is what was written of the way, or, for the plain way that ends at
// the first attempt, what the record's times say.
func history(rec *message.Record, f map[string]string) []message.Step {
	steps := []message.Step{{At: rec.CreatedAt, State: message.Queued}}
	written := number(f["j"])
	if written == 0 {
		if !rec.SentAt.IsZero() {
			steps = append(steps, message.Step{At: rec.SentAt, State: message.Sending})
		}
		if rec.State.Final() {
			steps = append(steps, message.Step{At: rec.UpdatedAt, State: rec.State, ErrCode: rec.ErrCode})
		}
		return steps
	}
	for i := 1; i <= written; i++ {
		if step, ok := readStep(f["h"+strconv.Itoa(i)]); ok {
			steps = append(steps, step)
		}
	}
	if rec.State == message.Sending {
		steps = append(steps, message.Step{At: rec.SentAt, State: message.Sending})
	}
	sort.SliceStable(steps, func(i, j int) bool { return steps[i].At.Before(steps[j].At) })
	return steps
}

// readStep reads "ms state errcode reason".
func readStep(text string) (message.Step, bool) {
	parts := strings.SplitN(text, " ", 4)
	if len(parts) < 3 {
		return message.Step{}, false
	}
	step := message.Step{At: moment(parts[0]), State: message.State(parts[1]), ErrCode: number(parts[2])}
	if len(parts) == 4 {
		step.Reason = parts[3]
	}
	return step, true
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func moment(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
