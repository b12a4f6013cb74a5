package main

import (
	"fmt"
	"strings"
	"testing"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
)

func TestResolveEndsADoubt(t *testing.T) {
	cases := []struct {
		how   string
		state message.State
		tasks bool
		kept  bool // for a later replay
	}{
		{"--sent", message.Accepted, false, false},
		{"--resend", message.Waiting, true, true},
		{"--drop", message.Failed, false, true},
	}
	for _, c := range cases {
		t.Run(c.how, func(t *testing.T) {
			eachPlant(t, func(p *plant) {
				p.doubt("a")
				got := p.run("", "resolve", "shop", "a", c.how).exits(exitOK)
				if !strings.Contains(got.out, string(c.state)) {
					p.t.Errorf("told:\n%s", got.out)
				}
				record := p.stands("a", c.state)
				if record.Life != 1 {
					p.t.Errorf("life %d, want 1", record.Life)
				}
				if (p.task("a") == "pending") != c.tasks || p.kept("a") != c.kept {
					p.t.Errorf("task %q, content kept %v", p.task("a"), p.kept("a"))
				}
				p.run("", "resolve", "shop", "a", c.how).exits(exitRefused)
				if !strings.Contains(p.run("", "status", "shop", "a").out, "operator") {
					p.t.Error("the history does not say who ended the doubt")
				}
			})
		})
	}
}

func TestResolvePicksAndAsks(t *testing.T) {
	eachPlant(t, func(p *plant) {
		for _, id := range []string{"a", "b"} {
			p.doubt(id)
		}
		p.ends(strings.Replace(order("spring", "1"), `"kind"`, `"batch":"spring","kind"`, 1), doubtEnd, silence)
		p.refused("refused")
		p.run("", "resolve", "shop", "--resend").exits(exitUsage).says("3 doubts of account shop would be sent again", "add --yes")
		p.stands("a", message.InDoubt)

		p.run("", "resolve", "shop", "--batch", "spring", "--drop", "--yes").exits(exitOK).prints("1 resolved, 0 not\n")
		p.stands("spring", message.Failed)
		lines := p.run("", "resolve", "shop", "--resend", "--since", "1h", "--yes", "--json").exits(exitOK).lines()
		if len(lines) != 2 || lines[0]["state"] != "waiting" {
			p.t.Errorf("lines %v", lines)
		}
		p.waits(2)
		p.run("", "resolve", "shop", "--sent", "--yes").exits(exitOK).says("account shop has no such doubt")
		p.stands("refused", message.Refused)
	})
}

// Without its content a doubt cannot be sent again, and stays a doubt.
func TestResolveSaysWhyNot(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.doubt("empty")
		if err := p.client.Del(p.t.Context(), keys.Payload("shop", "empty")).Err(); err != nil {
			p.t.Fatal(err)
		}
		p.ends(strings.Replace(order("old", "1"), `"kind"`, `"expires_at":"2020-01-01T00:00:00Z","kind"`, 1), doubtEnd, silence)
		p.refused("refused")
		for id, words := range map[string]string{
			"empty":   "its content is no longer kept",
			"old":     "its expires_at, 2020-01-01T00:00:00Z, is over",
			"refused": "it is refused, not in_doubt",
			"nobody":  "account shop has no message nobody",
		} {
			if got := p.run("", "resolve", "shop", id, "--resend").exits(exitRefused); !strings.Contains(got.out, words) {
				p.t.Errorf("%s: told\n%s\nwant %q", id, got.out, words)
			}
		}
		p.stands("empty", message.InDoubt)
		p.run("", "resolve", "shop", "empty", "--drop").exits(exitOK)
		p.run("", "resolve", "shop", "old", "--sent").exits(exitOK)
	})
}

func TestResolveCutOffAndRepeatedSendsEachOnce(t *testing.T) {
	f := newFragile(t)
	p := newPlant(t, redistest.Client(t, f.Addr()))
	for i := range 4 {
		p.doubt(fmt.Sprintf("m-%d", i))
	}
	f.breakAt("asynq:{shop.template}:t:m-1")
	p.run("", "resolve", "shop", "--resend", "--yes").exits(exitOurs).says("1 of 4 were resolved")
	f.mend()
	p.run("", "resolve", "shop", "--resend", "--yes").exits(exitOK).prints("2 resolved, 0 not\n")
	p.waits(3)
	p.run("", "resolve", "shop", "m-1", "--resend").exits(exitOK)
	p.waits(4)
}

func TestResolveUsage(t *testing.T) {
	s := miniShell(t)
	for words, args := range map[string][]string{
		"write enqueue resolve ACCOUNT": {"resolve"},
		"say how the doubts end":        {"resolve", "shop", "a"},
		"found --sent and --drop":       {"resolve", "shop", "a", "--drop", "--sent"},
		"ids beside flags":              {"resolve", "shop", "a", "--sent", "--kind", "bizsend"},
		"unknown flag: --state":         {"resolve", "shop", "--sent", "--state", "refused"},
	} {
		s.run("", args...).exits(exitUsage).says(words)
	}
}
