package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Whom an alert wakes at night, the runbook line gives a command that exists,
// with its flags.
func TestRunbooksNameOurCommands(t *testing.T) {
	alerts, err := os.ReadFile("../../deploy/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("`enqueue ([^`]+)`").FindAllStringSubmatch(string(alerts), -1)
	if len(commands) < 9 {
		t.Errorf("only %d commands were found", len(commands))
	}
	label, flag := regexp.MustCompile(`\{\{[^}]*\}\}`), regexp.MustCompile(`--([a-z-]+)`)
	for _, c := range commands {
		words := strings.Fields(label.ReplaceAllString(c[1], "LABEL"))
		cmd, rest, err := (&program{stdout: io.Discard, stderr: io.Discard}).root().Find(words)
		if err != nil || !cmd.Runnable() || cmd.HasSubCommands() {
			t.Errorf("%s is no command: %v", c[0], err)
			continue
		}
		if len(rest) > 0 && !strings.HasPrefix(rest[0], "-") && rest[0] != "LABEL" {
			t.Errorf("%s is no command: %s has no %s", c[0], cmd.CommandPath(), rest[0])
		}
		cmd.InheritedFlags() // those of all that stand above
		known := map[string]bool{}
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known[f.Name] = true })
		for _, f := range flag.FindAllStringSubmatch(c[1], -1) {
			if !known[f[1]] {
				t.Errorf("%s: %s has no --%s", c[0], cmd.CommandPath(), f[1])
			}
		}
	}
}
