package bulk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/bulk"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// fileOf is NDJSON of so many bodies.
func fileOf(rows int) []byte {
	var file bytes.Buffer
	for n := range rows {
		fmt.Fprintf(&file, "{\"touser\":\"o%d\",\"data\":{\"keyword1\":{\"value\":\"%d\"}}}\n", n, n)
	}
	return file.Bytes()
}

func load(t *testing.T, ctx context.Context, l bulk.Load, file []byte) (bulk.Progress, string, error) {
	t.Helper()
	l.Completion = template.Completion
	reader, err := bulk.Open(bytes.NewReader(file), template)
	if err != nil {
		t.Fatal(err)
	}
	refused := &bulk.Refused{Path: filepath.Join(t.TempDir(), "file.refused.csv"), Header: reader.Header()}
	done, err := l.Run(ctx, reader, refused)
	if closed := refused.Close(); closed != nil {
		t.Fatal(closed)
	}
	text, _ := os.ReadFile(refused.Path)
	return done, string(text), err
}

func waiting(t *testing.T, client redis.UniversalClient) int {
	t.Helper()
	ids := client.LRange(t.Context(), "asynq:{shop.template.spring}:pending", 0, -1).Val()
	distinct := map[string]bool{}
	for _, id := range ids {
		distinct[id] = true
	}
	if len(distinct) != len(ids) {
		t.Errorf("%d of %d tasks are there twice", len(ids)-len(distinct), len(ids))
	}
	return len(ids)
}

func TestAFileTwiceIsLoadedOnce(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		file := append(fileOf(1200), fileOf(1)...) // its first row once more
		file = append(file, "{\"touser\":\"o 1\"}\nnonsense\n"...)
		l := bulk.Load{Taker: newIntake(client)}
		done, refused, err := load(t, t.Context(), l, file)
		if err != nil || done.Rows != 1203 || done.Taken != 1200 || done.Duplicates != 1 || done.Refused != 2 {
			t.Errorf("first: %+v, %v", done, err)
		}
		for _, words := range []string{"refused_line,refused_reason,refused_row", "1202,", "o 1", "1203,", "is not JSON", "nonsense"} {
			if !strings.Contains(refused, words) {
				t.Errorf("the refused rows do not tell %q: %s", words, refused)
			}
		}
		done, _, err = load(t, t.Context(), l, file)
		if err != nil || done.Taken != 0 || done.Duplicates != 1201 {
			t.Errorf("again: %+v, %v", done, err)
		}
		if n := waiting(t, client); n != 1200 {
			t.Errorf("%d tasks wait; want 1200", n)
		}
	})
}

// TestALoadThatIsInterruptedGoesOn: it says how far it came, and the same again
// brings the rest.
func TestALoadThatIsInterruptedGoesOn(t *testing.T) {
	client := redistest.Mini(t)
	ctx, cancel := context.WithCancel(t.Context())
	l := bulk.Load{Taker: newIntake(client), Told: func(bulk.Progress) { cancel() }}
	done, _, err := load(t, ctx, l, fileOf(5000))
	if err == nil || done.Taken == 0 || done.Taken == 5000 || done.Line != done.Rows {
		t.Errorf("interrupted: %+v, %v", done, err)
	}
	l.Told = nil
	again, _, err := load(t, t.Context(), l, fileOf(5000))
	if err != nil || again.Duplicates != done.Taken || again.Taken+again.Duplicates != 5000 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if n := waiting(t, client); n != 5000 {
		t.Errorf("%d tasks wait; want 5000", n)
	}
}

// away is a Redis that is away for some trips.
type away struct {
	bulk.Taker
	trips int
}

func (a *away) TakeMany(ctx context.Context, messages []*message.Message) []intake.Outcome {
	if a.trips--; a.trips < 0 {
		return a.Taker.TakeMany(ctx, messages)
	}
	outcomes := make([]intake.Outcome, len(messages))
	for i := range outcomes {
		outcomes[i].Err = &fault.Error{Class: fault.Unavailable}
	}
	return outcomes
}

func TestRedisAwayForAWhile(t *testing.T) {
	client := redistest.Mini(t)
	done, _, err := load(t, t.Context(), bulk.Load{Taker: &away{newIntake(client), 3}}, fileOf(10))
	if err != nil || done.Taken != 10 {
		t.Errorf("back: %+v, %v", done, err)
	}
	done, _, err = load(t, t.Context(), bulk.Load{Taker: &away{newIntake(client), 1 << 30}, Patience: time.Millisecond}, fileOf(10))
	if !fault.Is(err, fault.Unavailable) || done.Rows != 0 {
		t.Errorf("away: %+v, %v", done, err)
	}
}

// registry writes down what it is told.
type batches struct{ told []string }

func (b *batches) Open(_ context.Context, account, name string, kind message.Kind, o intake.BatchOptions) error {
	text, _ := json.Marshal(o)
	b.told = append(b.told, fmt.Sprint("open ", account, " ", name, " ", kind, " ", string(text)))
	if account == "cancelled" {
		return &fault.Error{Class: fault.Conflict, Message: "cancelled"}
	}
	return nil
}

func (b *batches) Loaded(_ context.Context, account, name string, rows, refused int, whole bool) error {
	b.told = append(b.told, fmt.Sprint("loaded ", account, " ", name, " ", rows, " ", refused, " ", whole))
	return nil
}

func TestTheRegistryHears(t *testing.T) {
	client, b := redistest.Mini(t), &batches{}
	l := bulk.Load{Taker: newIntake(client), Batches: b, Options: intake.BatchOptions{Rate: 5}}
	if _, _, err := load(t, t.Context(), l, append(fileOf(700), "x\n"...)); err != nil {
		t.Fatal(err)
	}
	want := []string{`open shop spring template {"Rate":5,"IgnoreQuiet":false}`, "loaded shop spring 701 1 true"}
	if fmt.Sprint(b.told) != fmt.Sprint(want) {
		t.Errorf("told %q, want %q", b.told, want)
	}
	row := []byte(`{"account":"cancelled","body":{"touser":"o","data":{"a":{"value":"b"}}}}` + "\n")
	if _, _, err := load(t, t.Context(), l, row); !fault.Is(err, fault.Conflict) {
		t.Errorf("a batch that was cancelled: %v", err)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	client := redistest.Mini(t)
	in := newIntake(client)
	rehearsal := &intake.Rehearsal{Intake: in, Stocks: in.Book.(intake.Stocks)}
	before := client.Keys(t.Context(), "*").Val()
	mini := []byte(`{"account":"mini","kind":"wxopen","body":{"touser":"o1","template_id":"t"}}` + "\n")
	done, refused, err := load(t, t.Context(), bulk.Load{Taker: in, Check: rehearsal.Check}, append(fileOf(3), mini...))
	if err != nil || done.Taken != 3 || done.Refused != 1 || !strings.Contains(refused, "no permit of this user") {
		t.Errorf("%+v, %v: %s", done, err, refused)
	}
	if after := client.Keys(t.Context(), "*").Val(); len(after) != len(before) {
		t.Errorf("it left %v", after)
	}
}
