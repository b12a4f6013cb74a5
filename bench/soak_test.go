package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	wxdispatch "wxdispatch"
	"wxdispatch/internal/message"
)

// So short a soak says nothing of growth: looked at is that each message is
// counted and each figure there.
func TestASoakCountsEveryMessage(t *testing.T) {
	wants(t)
	file := filepath.Join(t.TempDir(), "soak.json")
	var table, words bytes.Buffer
	code := run(t.Context(), []string{"soak", "--messages", "600", "--for", "2s", "--json", file}, &table, &words)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("exit %d, %v\n%s", code, err, &words)
	}
	var r soakReport
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if c := r.Counts; c.Handed != 600 || c.Sent != 600 || c.Lost+c.Doubled+c.InDoubt+c.Refused+c.Untaken+c.Unjoined != 0 ||
		c.Pushed != 400 || c.Joined != 400 || c.Told != 400 || c.Ended["accepted"] != 600 {
		t.Errorf("%+v", c)
	}
	for _, l := range r.Levels {
		if l.Greatest <= 0 && l.ID != "backlog" || !strings.Contains(table.String(), l.Name) {
			t.Errorf("%s is not there, or nothing: %+v", l.ID, l)
		}
	}
	for name, cost := range r.Cost {
		if cost <= 0 || !strings.Contains(table.String(), name) {
			t.Errorf("%s costs %v", name, cost)
		}
	}
	if len(r.Levels) != len(gauges()) || len(r.Cost) != 5 || r.Rate <= 0 || r.Usec["evalsha"] <= 0 {
		t.Errorf("%+v", r)
	}
	if strings.Contains(string(text)+words.String(), pushToken) || strings.Contains(string(text)+words.String(), "access_token") {
		t.Error("a token shows")
	}
}

func TestASoakThatIsInterruptedLeavesNothing(t *testing.T) {
	wants(t)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancel(t.Context())
	words := &cue{word: "handed over", then: cancel}
	if code := run(ctx, []string{"soak", "--messages", "600", "--for", "2s"}, &bytes.Buffer{}, words); code != exitFault || !strings.Contains(words.String(), "interrupted") {
		t.Errorf("exit %d\n%s", code, words)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWhatIsFlat(t *testing.T) {
	g := gauge{id: "x", name: "x", slack: 5, judged: true}
	for _, tt := range []struct {
		name           string
		second, last   float64
		verdict, fault string
	}{
		{"level", 200, 200, flat, ""},
		{"a tenth more", 200, 220, flat, ""},
		{"more than a tenth", 200, 221, grows, "x grows: by 10 %"},
		{"a few more", 20, 25, flat, ""},
		{"more than a few", 20, 26, grows, "x grows: by 30 %"},
		{"less", 200, 100, flat, ""},
	} {
		var seen []moment
		for i := 1; i <= 40; i++ {
			v := tt.second
			if i > 30 {
				v = tt.last
			}
			if i == 25 {
				v = 1000 // once, and no matter
			}
			seen = append(seen, moment{At: float64(i), Figures: map[string]float64{"x": v}})
		}
		l := g.level(seen)
		fault := ""
		if err := l.fault(); err != nil {
			fault = err.Error()
		}
		if l.Verdict != tt.verdict || !strings.HasPrefix(fault, tt.fault) || l.Greatest != 1000 || l.Half != tt.second || l.End != tt.last {
			t.Errorf("%s: %+v, %q", tt.name, l, fault)
		}
	}
}

func TestWhatSwingsDoesNotGrow(t *testing.T) {
	g := gauge{judged: true}
	if got := g.verdict([]float64{100, 100, 160}, []float64{150, 150, 150}); got != flat {
		t.Error(got)
	}
	if got := g.verdict([]float64{100, 100, 160}, []float64{150, 170, 170}); got != grows {
		t.Error(got)
	}
}

func TestWhatASoakFindsIsAllSaid(t *testing.T) {
	r := &soakReport{Counts: counts{Lost: 3, Doubled: 1, InDoubt: 4, Pushed: 9, Joined: 7, ToTell: 6, Told: 5}, Levels: []level{{Name: "worker: memory", Verdict: grows, Growth: 31}, {Verdict: flat}}}
	err := r.verdict()
	if err == nil {
		t.Fatal("nothing is said")
	}
	for _, words := range []string{"3 messages were lost", "1 messages were doubled", "4 messages are in doubt", "1 events were not told", "2 receipts found no message", "worker: memory grows: by 31 %"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%v; want %q", err, words)
		}
	}
	if err := (&soakReport{}).verdict(); err != nil {
		t.Error(err)
	}
}

// What the cast sends must be what wxdispatch takes, and its forms must be good.
func TestTheCastSendsMessages(t *testing.T) {
	for i, a := range castOf(4) {
		m, err := a.message(i)
		if err != nil {
			t.Fatal(err)
		}
		if m.Account != a.Name || m.Kind != a.kind || m.Batch != a.batch || a.Type == wxdispatch.MiniProgram != (a.kind == message.WXOpen) {
			t.Errorf("%+v sends %+v", a, m)
		}
		now := time.Now()
		if left := a.grant(i, now, time.Minute).IssuedAt.Add(formDays - formMargin).Sub(now); left != time.Minute {
			t.Errorf("a form is good for %s", left)
		}
	}
}

func TestMistakesInTheArgumentsOfASoak(t *testing.T) {
	for args, word := range map[string]string{"--messages 0": "--messages is 0", "--for 1ms": "--for", "--every 0s": "--every", "more": "more", "--fast": "--fast"} {
		var words bytes.Buffer
		if code := run(t.Context(), append([]string{"soak"}, strings.Fields(args)...), &bytes.Buffer{}, &words); code != exitUsage || !strings.Contains(words.String(), word) {
			t.Errorf("%s: exit %d, %s", args, code, &words)
		}
	}
}
