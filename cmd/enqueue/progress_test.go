package main

import (
	"strings"
	"testing"
	"time"
)

func TestProgressIsForSlowWorkOnTerminals(t *testing.T) {
	cases := []struct {
		name    string
		visible bool
		ago     time.Duration
		shows   bool
	}{
		{"quick", true, 0, false},
		{"slow", true, 2 * quick, true},
		{"slow, but no terminal", false, 2 * quick, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var screen strings.Builder
			g := (&program{stderr: &screen}).newProgress("messages")
			g.visible, g.started = c.visible, time.Now().Add(-c.ago)
			g.step()
			g.close()
			if shown := strings.Contains(screen.String(), "messages"); shown != c.shows {
				t.Errorf("on the screen: %q", screen.String())
			}
		})
	}
}

func TestCountTellsLinesWhereThereIsNoTerminal(t *testing.T) {
	var screen strings.Builder
	g := (&program{stderr: &screen}).newCount("messages replayed", 30)
	g.step()
	if screen.Len() != 0 {
		t.Errorf("told at once: %q", screen.String())
	}
	g.told = time.Now().Add(-2 * quick)
	g.step()
	g.step()
	if got := screen.String(); got != "2 of 30 messages replayed\n" {
		t.Errorf("told %q, want one line", got)
	}
}
