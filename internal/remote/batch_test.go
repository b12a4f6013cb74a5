package remote_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/remote"
)

// batch answers a batch: each line by what answer says to its id; "" breaks the
// answer off.
func batch(t *testing.T, answer func(id string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path != "/below/api/v1/messages/batch" || q.Header.Get("Content-Type") != "application/x-ndjson" {
			t.Errorf("%s %s", q.URL.Path, q.Header.Get("Content-Type"))
		}
		lines := bufio.NewScanner(q.Body)
		for lines.Scan() {
			m, err := message.Decode(lines.Bytes())
			if err != nil {
				t.Errorf("a line is no message: %v", err)
				return
			}
			text := answer(m.ID)
			if text == "" {
				return
			}
			_, _ = fmt.Fprintln(w, text)
		}
	}
}

func good(id string) string {
	return fmt.Sprintf(`{"id":%q,"account":"shop","state":"queued","duplicate":false,"warnings":[{"path":"p","message":"w"}]}`, id)
}

func bad(id, code string) string {
	return fmt.Sprintf(`{"id":%q,"account":"shop","error":{"code":%q,"message":"words","fields":[]}}`, id, code)
}

func TestABatchAnswersEach(t *testing.T) {
	r := stub(t, batch(t, func(id string) string {
		switch id {
		case "b":
			return bad(id, "conflict")
		case "c":
			return strings.Replace(bad(id, "invalid"), `"fields":[]`, `"fields":[{"path":"account","message":"nobody knows it"}]`, 1)
		case "d":
			return bad(id, "unavailable")
		}
		return good(id)
	}), remote.Options{})
	nameless := order(t, "")
	outcomes := r.TakeMany(t.Context(), []*message.Message{order(t, "a"), order(t, "b"), order(t, "c"), order(t, "d"), nameless})
	want := []fault.Class{"", fault.Conflict, fault.NotFound, fault.Unavailable, ""}
	for i, o := range outcomes {
		if fault.ClassOf(o.Err) != want[i] || o.Account != "shop" || o.ID == "" {
			t.Errorf("%d: %+v, want class %q", i, o, want[i])
		}
	}
	if fault.RetryAfter(outcomes[3].Err) <= 0 || outcomes[0].State != message.Queued || len(outcomes[0].Warnings) != 1 || len(outcomes[4].ID) != 26 {
		t.Errorf("%+v", outcomes)
	}
	if nameless.ID != "" {
		t.Error("the caller's message was changed")
	}
}

func TestABatchThatBreaksOffLeavesTheRestOpen(t *testing.T) {
	for what, answer := range map[string]func(id string) string{
		"ends":            func(string) string { return "" },
		"another message": func(string) string { return good("a") },
		"no state":        func(id string) string { return `{"id":"` + id + `"}` },
		"no JSON":         func(string) string { return "oops" },
		"unknown code":    func(id string) string { return bad(id, "moonphase") },
		"too long":        func(id string) string { return good(id) + strings.Repeat(" ", 2<<20) },
	} {
		r := stub(t, batch(t, func(id string) string {
			if id == "a" {
				return good(id)
			}
			return answer(id)
		}), remote.Options{})
		outcomes := r.TakeMany(t.Context(), []*message.Message{order(t, "a"), order(t, "b"), order(t, "")})
		if outcomes[0].Err != nil {
			t.Errorf("%s: the first one: %v", what, outcomes[0].Err)
		}
		for _, o := range outcomes[1:] {
			if !fault.Is(o.Err, fault.Unavailable) || fault.RetryAfter(o.Err) <= 0 || o.ID == "" || o.State != "" {
				t.Errorf("%s: %+v", what, o)
			}
		}
	}
}

func TestABatchThatIsRefusedIsRefusedForEach(t *testing.T) {
	r := stub(t, says(403, refusal("forbidden")), remote.Options{})
	for _, o := range r.TakeMany(t.Context(), []*message.Message{order(t, "a"), order(t, "b")}) {
		if !fault.Is(o.Err, fault.Denied) {
			t.Errorf("%+v", o)
		}
	}
	if len(r.TakeMany(t.Context(), nil)) != 0 {
		t.Error("an outcome of no message")
	}
}

// A batch may take as long as its answers keep coming, but no answer may stay
// out.
func TestABatchWaitsForItsNextAnswerOnly(t *testing.T) {
	release := make(chan struct{})
	r := stub(t, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		_, _ = fmt.Fprintln(w, good("a"))
		_ = http.NewResponseController(w).Flush()
		<-release
	}, remote.Options{Timeout: 100 * time.Millisecond})
	defer close(release)
	outcomes := r.TakeMany(t.Context(), []*message.Message{order(t, "a"), order(t, "b")})
	if outcomes[0].Err != nil || !fault.Is(outcomes[1].Err, fault.Unavailable) || !strings.Contains(outcomes[1].Err.Error(), "in time") {
		t.Errorf("%+v", outcomes)
	}
}

// Whatever a server answers, each message has an outcome, its id and, when it
// was not told, an error.
func FuzzAnswers(f *testing.F) {
	f.Add(good("a") + "\n" + bad("b", "conflict") + "\n")
	f.Add(bad("a", "invalid"))
	f.Add("{}\nnull\n[]\n")
	answer := make(chan string, 1)
	server := newStub(f, func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		_, _ = io.WriteString(w, <-answer)
	})
	messages := []*message.Message{order(f, "a"), order(f, "b")}
	f.Fuzz(func(t *testing.T, text string) {
		answer <- text
		for i, o := range server.TakeMany(t.Context(), messages) {
			if o.ID != messages[i].ID || o.Err == nil && o.State == "" {
				t.Errorf("%+v", o)
			}
			if o.Err != nil && fault.ClassOf(o.Err) == "" {
				t.Errorf("%v has no class", o.Err)
			}
		}
	})
}
