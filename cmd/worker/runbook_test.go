package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// Whom an alert wakes at night, the runbook line gives a command that exists.
func TestRunbooksNameOurCommands(t *testing.T) {
	alerts, err := os.ReadFile("../../deploy/prometheus/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("`worker ([^`]+)`").FindAllStringSubmatch(string(alerts), -1)
	if len(commands) < 3 {
		t.Errorf("only %d commands were found", len(commands))
	}
	for _, c := range commands {
		words := strings.Fields(regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllString(c[1], "LABEL"))
		cmd, rest, err := (&program{stdout: io.Discard, stderr: io.Discard}).root().Find(words)
		if err != nil || cmd.HasSubCommands() {
			t.Errorf("%s is no command: %v", c[0], err)
		} else if err := cmd.ParseFlags(rest); err != nil {
			t.Errorf("%s: %v", c[0], err)
		}
	}
}
