package wxdispatch_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"wxdispatch"
	"wxdispatch/internal/redistest"
)

// Each message has its result, in order, whatever becomes of the others.
func TestSendAllAnswersEach(t *testing.T) {
	everyWay(t, func(t *testing.T, a *app) {
		const n = 1234
		messages, want := make([]*wxdispatch.Message, n), make([]wxdispatch.Class, n)
		for i := range messages {
			messages[i] = order(t, fmt.Sprintf("m-%d", i), "oUser")
		}
		messages[7], want[7] = nil, wxdispatch.Invalid
		messages[8], want[8] = made(t, "shpo", wxdispatch.Template{ToUser: "o", TemplateID: "t", Data: wxdispatch.Data{"k": "v"}}), wxdispatch.NotFound
		messages[499] = order(t, "m-3", "oUser")
		messages[500], want[500] = order(t, "m-3", "oOther"), wxdispatch.Conflict
		messages[501] = order(t, "", "oUser")
		ahead, i := 0, 0
		for result, err := range a.SendAll(t.Context(), counted(messages, &ahead)) {
			if class(err) != want[i] {
				t.Errorf("message %d: %v, want class %q", i, err, want[i])
			}
			if m := messages[i]; m != nil && m.ID != "" && result.ID != m.ID || want[i] == "" && result.State != wxdispatch.Queued {
				t.Fatalf("message %d is answered %+v", i, result)
			}
			if i == 499 && !result.Duplicate || i == 501 && len(result.ID) != 26 {
				t.Errorf("message %d: %+v", i, result)
			}
			if i++; ahead-i > 500 {
				t.Fatalf("%d messages were read, %d answered: all of them stand in memory", ahead, i)
			}
		}
		if i != n {
			t.Errorf("%d results of %d messages", i, n)
		}
	})
}

// counted yields messages and counts how many were read.
func counted(messages []*wxdispatch.Message, read *int) iter.Seq[*wxdispatch.Message] {
	return func(yield func(*wxdispatch.Message) bool) {
		for _, m := range messages {
			*read++
			if !yield(m) {
				return
			}
		}
	}
}

func TestSendAllReadsNoFurtherThanItsResultsAre(t *testing.T) {
	everyWay(t, func(t *testing.T, a *app) {
		var messages []*wxdispatch.Message
		for i := range 2000 {
			messages = append(messages, order(t, fmt.Sprintf("m-%d", i), "oUser"))
		}
		read := 0
		for result, err := range a.SendAll(t.Context(), counted(messages, &read)) {
			if err != nil {
				t.Fatal(err)
			}
			if result.ID == "m-3" {
				break
			}
		}
		if read > 500 {
			t.Errorf("%d messages were read for 4 results", read)
		}
		for range a.SendAll(t.Context(), func(func(*wxdispatch.Message) bool) {}) {
			t.Error("a result of no message")
		}
	})
}

// What comes slowly is not kept waiting for others.
func TestSendAllHandsOverWhatComesSlowly(t *testing.T) {
	a, results := newApp(t, redistest.Mini(t)), 0
	slow := func(yield func(*wxdispatch.Message) bool) {
		for i := range 3 {
			<-time.After(60 * time.Millisecond)
			if !yield(order(t, fmt.Sprintf("m-%d", i), "oUser")) {
				return
			}
			if results < i {
				t.Errorf("%d messages came slowly, %d are answered", i+1, results)
			}
		}
	}
	for range a.SendAll(t.Context(), slow) {
		results++
	}
}

// When Redis goes away the sequence ends, and each message that was read has a
// result: taken, or open with an id under which it may be sent again.
func TestSendAllEndsWhenRedisGoesAway(t *testing.T) {
	server := miniredis.RunT(t)
	a := newApp(t, redistest.Client(t, server.Addr()))
	var messages []*wxdispatch.Message
	for range 3000 {
		messages = append(messages, order(t, "", "oUser"))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	read, good := 0, 0
	var open []string
	var last error
	for result, err := range a.SendAll(ctx, counted(messages, &read)) {
		switch class(err) {
		case "":
			if good++; good == 1000 {
				server.Close()
			}
		case wxdispatch.Unavailable:
			open, last = append(open, result.ID), err
		default:
			t.Fatal(err)
		}
	}
	if good != 1000 || good+len(open) != read || len(open) == 0 || read == len(messages) {
		t.Errorf("%d read, %d taken, %d open", read, good, len(open))
	}
	for _, id := range open {
		if len(id) != 26 {
			t.Fatalf("%q is no id to send again under", id)
		}
	}
	if last == nil || !strings.Contains(last.Error(), "until here 1000 have their answer") {
		t.Errorf("%v does not tell how far it came", last)
	}
}

func TestSendAllEndsWithItsContext(t *testing.T) {
	a := newApp(t, redistest.Mini(t))
	ctx, cancel := context.WithCancel(t.Context())
	read, results := 0, 0
	endless := func(yield func(*wxdispatch.Message) bool) {
		for m := order(t, "", "oUser"); yield(m); read++ {
		}
	}
	var last error
	for _, last = range a.SendAll(ctx, endless) {
		if results++; results == 700 {
			cancel()
		}
	}
	cancel()
	if class(last) != wxdispatch.Unavailable || results < 1000 || results > 1600 {
		t.Errorf("%d results, the last one %v", results, last)
	}
}
