package metrics

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scrape returns what Prometheus would read.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("scrape answered %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// want fails unless text has each line.
func want(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("the scrape lacks the line\n\t%s", line)
		}
	}
}

func absent(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(text, word) {
			t.Errorf("the scrape holds %q, which should be absent", word)
		}
	}
}

func shop() *Metrics {
	m := New()
	m.Account("shop", message.Official.Kinds(), 12.5)
	return m
}

func TestWhatHappensIsCounted(t *testing.T) {
	m := shop()
	msg := &message.Message{ID: "order-1", Account: "shop", Kind: message.Template}
	m.Waited(msg, 30*time.Millisecond)
	m.Waited(msg, -time.Second) // another host's clock
	m.Attempted(msg, fault.Busy, 7*time.Millisecond)
	m.Attempted(msg, fault.OK, 20*time.Second)
	m.Ended(msg, message.Accepted)

	want(t, scrape(t, m),
		`wxdispatch_attempts_total{account="shop",class="busy",kind="template"} 1`,
		`wxdispatch_attempts_total{account="shop",class="ok",kind="template"} 1`,
		`wxdispatch_attempt_seconds_bucket{account="shop",kind="template",le="0.005"} 0`,
		`wxdispatch_attempt_seconds_bucket{account="shop",kind="template",le="0.01"} 1`,
		`wxdispatch_attempt_seconds_bucket{account="shop",kind="template",le="10"} 1`,
		`wxdispatch_attempt_seconds_count{account="shop",kind="template"} 2`,
		`wxdispatch_wait_seconds_sum{account="shop",kind="template"} 0.03`,
		`wxdispatch_wait_seconds_bucket{account="shop",kind="template",le="3600"} 2`,
		`wxdispatch_messages_total{account="shop",kind="template",state="accepted"} 1`,
		`wxdispatch_messages_total{account="shop",kind="bizsend",state="failed"} 0`,
		`wxdispatch_rate{account="shop",which="configured"} 12.5`,
	)
}

func TestExpositionLints(t *testing.T) {
	m := shop()
	m.WatchQueues(&still{})
	msg := &message.Message{Account: "shop", Kind: message.Onetime}
	m.Waited(msg, time.Second)
	m.Attempted(msg, fault.OK, time.Second)
	text := scrape(t, m)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, name := range []string{"go_goroutines", "go_build_info", "process_start_time_seconds", "wxdispatch_queue_messages"} {
		if !strings.Contains(text, "# HELP "+name+" ") {
			t.Errorf("the scrape lacks %s", name)
		}
	}
}

// Whatever comes in, no label grows with it, and nothing private becomes one.
func TestLabelsAreBounded(t *testing.T) {
	m := shop()
	for i := range 50 {
		odd := "o-secret-" + strings.Repeat("x", i)
		msg := &message.Message{ID: odd, Account: odd, Kind: message.Kind(odd)}
		m.Waited(msg, time.Second)
		m.Attempted(msg, fault.Class(odd), time.Second)
		m.Ended(msg, message.State(odd))
	}
	text := scrape(t, m)
	absent(t, text, "o-secret-")
	want(t, text,
		`wxdispatch_messages_total{account="other",kind="other",state="other"} 50`,
		`wxdispatch_attempts_total{account="other",class="other",kind="other"} 50`)
}

func TestAccountsMayBeDeclaredAgain(t *testing.T) {
	m := shop()
	m.Ended(&message.Message{Account: "shop", Kind: message.Template}, message.Failed)
	m.Account("shop", message.Official.Kinds(), 3)
	queues := &still{}
	m.WatchQueues(queues)
	want(t, scrape(t, m),
		`wxdispatch_rate{account="shop",which="configured"} 3`,
		`wxdispatch_messages_total{account="shop",kind="template",state="failed"} 1`)
	if asked := queues.asked.Load(); asked != 3 {
		t.Errorf("%d lanes were asked; the account has 3", asked)
	}
}
