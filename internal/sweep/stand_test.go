package sweep

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house stands behind all of a sweeper's interfaces.
type house struct {
	mu      sync.Mutex
	away    bool // Redis does not answer
	claimed bool // another worker tidies
	overdue []string
	silent  map[message.Lane][]string // running tasks of workers that are silent
	records map[string]*message.Record
	tasks   map[string]Standing // of records under way
	doubts  []string
	handled []string
	done    map[string]Action
	ended   map[string]Then
	told    []string                  // of Ended
	handle  func(ctx context.Context) // what a handler does, or nil
}

func newHouse() *house {
	return &house{records: map[string]*message.Record{}, tasks: map[string]Standing{}, done: map[string]Action{}, ended: map[string]Then{}}
}

// add puts a record with its task into the house.
func (h *house) add(id string, state message.State, s Standing) {
	record := &message.Record{ID: id, Account: "shop", Kind: message.Template, State: state}
	s.Record = record
	h.records[id], h.tasks[id] = record, s
}

func (h *house) sweeper(o Options) *Sweeper {
	o.Account, o.Book, o.Tidier, o.Queue, o.Lanes, o.Requeue = "shop", h, h, h, h, h
	o.Log = slog.New(slog.DiscardHandler)
	return New(o)
}

func (h *house) answers() error {
	if h.away {
		return &fault.Error{Op: "test", Class: fault.Unavailable}
	}
	return nil
}

func (h *house) Overdue(_ context.Context, _ string, most int64) ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.overdue[:min(len(h.overdue), int(most))]), h.answers()
}

func (h *house) Records(_ context.Context, _ string, ids []string) ([]*message.Record, error) {
	var records []*message.Record
	for _, id := range ids {
		records = append(records, h.records[id])
	}
	return records, h.answers()
}

func (h *house) Held(_ context.Context, _ message.Lane, id string) (message.Job, error) {
	if s := h.tasks[id]; !s.Live && !s.Archived {
		return message.Job{}, &fault.Error{Op: "test", Class: fault.NotFound}
	}
	return message.Job{Message: &message.Message{ID: id, Account: "shop", Kind: message.Template}}, h.answers()
}

func (h *house) Forsaken(context.Context, string, time.Duration, int64) (map[message.Lane][]string, error) {
	return h.silent, h.answers()
}

func (h *house) Handle(ctx context.Context, job message.Job) message.Verdict {
	if h.handle != nil {
		h.handle(ctx)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.handled = append(h.handled, job.Message.ID)
	h.overdue = slices.DeleteFunc(h.overdue, func(id string) bool { return id == job.Message.ID })
	return message.Verdict{Next: message.Done, State: message.Accepted}
}

func (h *house) Claim(context.Context, string, time.Duration) (bool, error) {
	return !h.claimed, h.answers()
}

func (h *house) UnderWay(context.Context) iter.Seq2[[]Standing, error] {
	return func(yield func([]Standing, error) bool) {
		for _, s := range h.tasks {
			if !yield([]Standing{s}, nil) {
				return
			}
		}
	}
}

func (h *house) Settle(_ context.Context, record *message.Record, do Action) error {
	h.done[record.ID] = do
	return nil
}

func (h *house) Doubts(_ context.Context, _ time.Duration, most int64) ([]string, error) {
	return h.doubts[:min(len(h.doubts), int(most))], h.answers()
}

func (h *house) End(_ context.Context, id string, then Then) (bool, error) {
	h.ended[id] = then
	return true, nil
}

func (h *house) Ended(_ context.Context, n int, then Then) {
	h.told = append(h.told, fmt.Sprint(n, " ", then))
}
