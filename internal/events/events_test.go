package events_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/events"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is a queue that a test looks into.
type line struct {
	mu      sync.Mutex
	ranges  []events.Range
	waiting int
	err     error
}

func (l *line) Waiting(context.Context, string) (int, error) { return l.waiting, nil }
func (l *line) Put(_ context.Context, r events.Range) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.ranges = append(l.ranges, r)
	}
	return l.err
}

type always struct{}

func (always) Claim(context.Context, string, string, time.Duration) (bool, error) { return true, nil }

func happen(t *testing.T, client redis.UniversalClient, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		if err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: keys.Events("shop"), Values: []any{
			"id", fmt.Sprint("m-", i), "kind", "template", "openid", "oUser", "batch", "", "state", "accepted", "errcode", "0", "msgid", "7", "at", "1795000000000"}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEventsAreHandedOnInBatches(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		happen(t, client, 0, 3) // before the webhook was there
		stream, queue := events.NewStream(client), &line{}
		pump := events.NewPump("shop", stream, queue, always{}, slog.New(slog.DiscardHandler))
		turn := func() {
			t.Helper()
			if err := pump.Turn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		turn()
		turn()
		if len(queue.ranges) != 0 {
			t.Fatalf("told of what was before: %v", queue.ranges)
		}
		happen(t, client, 3, 1)
		turn()
		happen(t, client, 4, 250)
		turn()
		turn()
		var ids []string
		for _, r := range queue.ranges {
			entries, err := stream.Read(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				ids = append(ids, e.ID)
			}
		}
		if len(queue.ranges) != 4 || len(ids) != 251 || ids[0] != "m-3" || ids[250] != "m-253" || len(slices.Compact(slices.Clone(ids))) != 251 {
			t.Errorf("%d ranges, %d events: %v", len(queue.ranges), len(ids), ids)
		}
	})
}

func TestAFullQueueLeavesEventsInTheStream(t *testing.T) {
	client := redistest.Mini(t)
	queue := &line{}
	pump := events.NewPump("shop", events.NewStream(client), queue, always{}, slog.New(slog.DiscardHandler))
	_ = pump.Turn(t.Context())
	happen(t, client, 0, 5)
	queue.waiting = 1000
	if err := pump.Turn(t.Context()); err != nil || len(queue.ranges) != 0 {
		t.Errorf("%v, %v", queue.ranges, err)
	}
	queue.waiting, queue.err = 0, &fault.Error{Op: "test", Class: fault.Unavailable}
	if err := pump.Turn(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	queue.err = nil
	if err := pump.Turn(t.Context()); err != nil || len(queue.ranges) != 1 {
		t.Errorf("%v, %v", queue.ranges, err)
	}
	pump.Start()
	pump.Stop()
}

func TestAPostIsSigned(t *testing.T) {
	client := redistest.Mini(t)
	happen(t, client, 0, 2)
	var header http.Header
	var body []byte
	status := http.StatusNoContent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(status)
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	hook := events.NewWebhook(server.URL, "whsec_c2VjcmV0", events.NewStream(client), transport)
	all := events.Range{Account: "shop", First: "-", Last: "+"}
	if err := hook.Deliver(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	seconds, err := strconv.ParseInt(header.Get("webhook-timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)) > time.Minute {
		t.Errorf("timestamp %q", header.Get("webhook-timestamp"))
	}
	if want := events.Sign([]byte("secret"), header.Get("webhook-id"), time.Unix(seconds, 0), body); header.Get("webhook-signature") != want || header.Get("webhook-id") != all.ID() {
		t.Errorf("signature %q, want %q; id %q", header.Get("webhook-signature"), want, header.Get("webhook-id"))
	}
	var post events.Post
	if err := json.Unmarshal(body, &post); err != nil || post.Type != "messages.ended" || post.Data.Account != "shop" || len(post.Data.Events) != 2 ||
		post.Data.Events[1].ID != "m-1" || post.Data.Events[1].MsgID != "7" || post.Data.Events[1].At.Unix() != 1795000000 {
		t.Errorf("%s, %v", body, err)
	}
	for _, status = range []int{http.StatusInternalServerError, http.StatusFound, http.StatusGone} {
		if err := hook.Deliver(t.Context(), all); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%d: %v", status, err)
		}
	}
	server.Close()
	if err := hook.Deliver(t.Context(), all); !fault.Is(err, fault.Unavailable) || strings.Contains(err.Error(), server.URL) {
		t.Errorf("%v", err)
	}
	gone := events.Range{Account: "shop", First: "1-1", Last: "1-2"}
	if err := hook.Deliver(t.Context(), gone); err != nil {
		t.Errorf("what the stream has no more: %v", err)
	}
}

// The vector of the Standard Webhooks specification.
func TestSignatureIsTheStandards(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := events.Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTasksThatAreNoRange(t *testing.T) {
	r := events.Range{Account: "shop", First: "1-0", Last: "2-0"}
	if got, err := events.Decode(r.Encode()); err != nil || got.ID() != r.ID() {
		t.Errorf("%+v, %v", got, err)
	}
	for _, payload := range []string{"", "{}", "x", `{"account":"shop"}`} {
		if _, err := events.Decode([]byte(payload)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", payload, err)
		}
	}
}
