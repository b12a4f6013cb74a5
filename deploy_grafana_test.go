package wxdispatch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/metrics"
)

const dashboardFile = "deploy/grafana/wxdispatch.json"

// dashboard is what these tests read of a dashboard.
type dashboard struct {
	Title         string
	SchemaVersion int
	Templating    struct {
		List []struct{ Name, Type string }
	}
	Panels []struct {
		ID          int
		Title, Type string
		Datasource  struct{ UID string }
		GridPos     struct{ X, Y, W, H int }
		FieldConfig struct{ Defaults struct{ Unit string } }
		Targets     []struct{ RefID, Expr, LegendFormat string }
	}
}

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	var d dashboard
	if err := json.Unmarshal([]byte(text(t, dashboardFile)), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDashboardIsWhole(t *testing.T) {
	d := readDashboard(t)
	variables := map[string]string{}
	for _, v := range d.Templating.List {
		variables[v.Name] = v.Type
	}
	if d.SchemaVersion < 39 || variables["datasource"] != "datasource" || variables["account"] != "query" {
		t.Errorf("schema %d with the variables %v", d.SchemaVersion, variables)
	}
	ids, places := map[int]bool{}, map[[2]int]bool{}
	for _, p := range d.Panels {
		place := [2]int{p.GridPos.X, p.GridPos.Y}
		if p.Title == "" || p.Type == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("panel %d %q lacks a title, a type, a unit or a query", p.ID, p.Title)
		}
		if ids[p.ID] || places[place] || p.GridPos.X+p.GridPos.W > 24 || p.Datasource.UID != "${datasource}" {
			t.Errorf("panel %d %q: its id or place is taken, or its data source is fixed", p.ID, p.Title)
		}
		ids[p.ID], places[place] = true, true
	}
}

var metricName = regexp.MustCompile(`\bwxdispatch_\w+`)

// Nothing on the dashboard or in the alerts asks for what no worker shows.
func TestDashboardAndAlertsAskForWhatWorkersShow(t *testing.T) {
	shown := shownFamilies(t)
	asked := map[string]bool{}
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			for _, name := range metricName.FindAllString(q.Expr, -1) {
				asked[name] = true
				if !shown[name] && !shown[strings.TrimSuffix(name, "_bucket")] {
					t.Errorf("panel %q asks for %s, which no worker shows", p.Title, name)
				}
			}
			if strings.Count(q.Expr, `{account=~"$account"`) != len(metricName.FindAllString(q.Expr, -1)) && !strings.Contains(q.Expr, "redis") {
				t.Errorf("panel %q does not heed the chosen account: %s", p.Title, q.Expr)
			}
		}
	}
	for _, name := range metricName.FindAllString(text(t, "deploy/prometheus/alerts.yml"), -1) {
		asked[name] = true
		if !shown[name] {
			t.Errorf("an alert asks for %s, which no worker shows", name)
		}
	}
	if len(asked) < 15 {
		t.Errorf("only %d metrics are asked for: the test looks at the wrong files", len(asked))
	}
}

// Each query is one that Prometheus takes, by its own word.
func TestDashboardsQueriesAreValid(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is needed to test the queries: apt-get install prometheus")
	}
	grafana := strings.NewReplacer("$__rate_interval", "5m", "$account", ".*")
	var rules bytes.Buffer
	rules.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	for _, p := range readDashboard(t).Panels {
		for _, q := range p.Targets {
			expr := grafana.Replace(q.Expr)
			if strings.Contains(expr, "$") {
				t.Errorf("panel %q uses a variable that the test does not know: %s", p.Title, q.Expr)
			}
			fmt.Fprintf(&rules, "      - {record: 'panel_%d_%s', expr: '%s'}\n", p.ID, q.RefID, strings.ReplaceAll(expr, "'", "''"))
		}
	}
	file := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(file, rules.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// shownFamilies are the names of all that a worker can show: one of each is
// made to happen.
func shownFamilies(t *testing.T) map[string]bool {
	t.Helper()
	m, msg := metrics.New(), &message.Message{Account: "shop", Kind: message.Template}
	m.Account("shop", message.Official.Kinds(), 10)
	m.Rate("shop", 10, 5)
	m.Waited(msg, time.Second)
	m.Attempted(msg, fault.OK, time.Second)
	m.Ended(msg, message.Accepted)
	m.Permit("shop", message.FormPermit, "spent")
	m.Receipt("shop", "success")
	m.WatchQueues(oneQueue{})
	m.WatchTokens(oneQueue{})
	m.WatchEviction(func(context.Context) (bool, error) { return true, nil })
	m.WatchParks(func() []metrics.Lane {
		return []metrics.Lane{{Account: "shop", Kind: message.Template, Reasons: []string{"daily"}, Ends: time.Hour, Limit: 1, Limited: true}}
	})
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	shown := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^# TYPE (wxdispatch_\w+) `).FindAllStringSubmatch(answer.Body.String(), -1) {
		shown[found[1]] = true
	}
	return shown
}

// oneQueue is a queue with something in each state, and an account with a token.
type oneQueue struct{}

func (oneQueue) Backlog(context.Context, string, message.Kind) (map[string]int, time.Duration, error) {
	return map[string]int{"pending": 1}, time.Second, nil
}

func (oneQueue) Doubts(context.Context, string) (map[message.Kind]int, error) { return nil, nil }

func (oneQueue) Lifetimes() map[string]metrics.Lifetime {
	return map[string]metrics.Lifetime{"shop": {Age: time.Second, Left: time.Hour}}
}
