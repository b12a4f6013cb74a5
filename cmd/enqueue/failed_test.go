package main

import (
	"encoding/csv"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func TestFailedTellsWhyAndWhatNext(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.refused("a")
		p.doubt("b")
		p.ends(order("c", "1"), failedEnd, message.Answer{Class: fault.Busy, Code: -1})
		good := p.decode(order("good", "1"))
		p.settle(good, p.begin(good), message.Outcome{State: message.Accepted}, message.Answer{Class: fault.OK})

		table := p.run("", "failed", "shop").exits(exitOK).out
		for _, want := range []string{"a   template  refused   recipient   43004    the user does not follow the account",
			"nothing: this user cannot be reached", "ask the user whether it arrived, then enqueue resolve", "enqueue replay, once WeChat is well again"} {
			if !strings.Contains(table, want) {
				p.t.Errorf("the table has no %q:\n%s", want, table)
			}
		}
		if strings.Contains(table, "good") {
			p.t.Errorf("a good end is listed:\n%s", table)
		}

		record := p.run("", "failed", "shop", "--json").exits(exitOK).lines()[0]
		history := record["history"].([]any)
		if record["openid"] != "oUser" || record["rid"] != "r-i-d" || record["next"] == nil ||
			history[len(history)-1].(map[string]any)["meaning"] != "the user does not follow the account" {
			p.t.Errorf("record %v", record)
		}

		rows, err := csv.NewReader(strings.NewReader(p.run("", "failed", "shop", "--csv").exits(exitOK).out)).ReadAll()
		if err != nil || len(rows) != 4 || rows[0][0] != "id" || rows[1][0] != "a" || rows[1][5] != "43004" || rows[1][8] != "oUser" {
			p.t.Errorf("CSV %v, %v", rows, err)
		}
	})
}

func TestFailedPicks(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.refused("a")
		p.doubt("b")
		p.ends(strings.NewReplacer("tpl", "tpl2", `"kind"`, `"batch":"spring","kind"`).Replace(order("c", "1")), failedEnd,
			message.Answer{Class: fault.Busy, Code: -1})
		for flags, want := range map[string]string{
			"":                                  "a b c",
			"--state refused":                   "a",
			"--state in_doubt":                  "b",
			"--errcode 43004":                   "a",
			"--errcode -1":                      "c",
			"--errcode 0":                       "b",
			"--template tpl2":                   "c",
			"--batch spring":                    "c",
			"--kind template":                   "a b c",
			"--kind bizsend":                    "",
			"--since 1h":                        "a b c",
			"--until 1h":                        "",
			"--since 2026-01-01":                "a b c",
			"--until 2020-01-01T00:00:00+08:00": "",
			"--limit 2":                         "a b",
		} {
			got := p.run("", append([]string{"failed", "shop", "--csv"}, strings.Fields(flags)...)...).exits(exitOK)
			var ids []string
			for _, row := range strings.Split(strings.TrimSpace(got.out), "\n")[1:] {
				id, _, _ := strings.Cut(row, ",")
				ids = append(ids, id)
			}
			if listed := strings.Join(ids, " "); listed != want {
				p.t.Errorf("%s: listed %q, want %q", flags, listed, want)
			}
		}
		p.run("", "failed", "shop", "--limit", "1").exits(exitOK).says("there are more than these 1")
		p.run("", "failed", "shop", "--csv", "--json").exits(exitUsage)
		p.run("", "failed", "shop", "--limit", "-1").exits(exitUsage)
		p.run("", "failed").exits(exitUsage).says("write enqueue failed ACCOUNT")
	})
}

func TestEveryBadEndHasAdvice(t *testing.T) {
	for _, state := range badStates {
		for _, code := range []int{0, -1, 40003, 41028, 43116, 45103, 47001, 99999} {
			if advice(&message.Record{State: state, ErrCode: code}) == "" {
				t.Errorf("%s %d: no advice", state, code)
			}
		}
	}
	if text := advice(&message.Record{State: message.Accepted}); text != "" {
		t.Errorf("accepted: %q", text)
	}
}
