package wxdispatch_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// Each alert fires when it should and is quiet when all is well, by
// Prometheus' own word. promtool comes with the Debian package prometheus.
func TestAlerts(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is needed to test the alerts: apt-get install prometheus")
	}
	for _, args := range [][]string{
		{"check", "rules", "deploy/prometheus/alerts.yml"},
		{"test", "rules", "deploy/prometheus/alerts_test.yml"},
	} {
		if out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// An alert without a command to go on with leaves the reader alone.
func TestAlertsHaveARunbook(t *testing.T) {
	rules, err := os.ReadFile("deploy/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	alerts := regexp.MustCompile(`(?m)^ +- alert: `).FindAllIndex(rules, -1)
	runbooks := regexp.MustCompile("(?m)^ +runbook: .*`(enqueue|worker) [a-z]+").FindAllIndex(rules, -1)
	if len(alerts) == 0 || len(alerts) != len(runbooks) {
		t.Errorf("%d alerts have %d runbook lines that name a command", len(alerts), len(runbooks))
	}
}
