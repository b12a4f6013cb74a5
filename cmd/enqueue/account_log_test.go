package main

import (
	"slices"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// Whatever a person does by a command stands in the account's log with who did
// it; what was refused, or only asked for, does not.
func TestTheLogTellsWhoDidWhatByCommand(t *testing.T) {
	const openid = "oUserOfTwentyEightLetters012"
	p := newPlant(t, redistest.Mini(t))
	p.environ = append(p.environ, "USER=root", "SUDO_USER=ann")
	p.refused("bad")
	p.doubt("doubtful")
	p.ends(order("spent", "1"), failedEnd, message.Answer{Class: fault.Busy, Code: -1})
	p.run(ofBatch("a")+"\n"+order("single", "x"), "send").exits(exitOK)
	for _, command := range []string{
		"account park shop --reason x", "account unpark shop",
		"account set shop --rate 20", "account set shop --quota template=7", "account set shop --reset",
		"template park shop tpl --reason x", "template unpark shop tpl",
		"batch pause shop spring", "batch resume shop spring", "batch cancel shop spring --yes",
		"cancel shop single", "replay shop bad", "replay shop --yes", "resolve shop doubtful --sent",
		"suppress add shop " + openid + " --template tpl", "suppress remove shop " + openid + " --template tpl",
		"permit add mini " + openid + " --type form --code f-1", "permit remove mini " + openid + " --code f-1",
	} {
		p.run("", strings.Fields(command)...).exits(exitOK)
	}
	p.run("", "cancel", "shop", "nobody").exits(exitRefused)
	p.run("", "replay", "shop", "--yes").exits(exitOK)

	want := []string{
		"park *", "unpark *", "set * 20 a second", "set template 7 a day", "reset *",
		"park tpl", "unpark tpl", "batch_pause * batch spring", "batch_resume * batch spring", "batch_cancel * batch spring",
		"cancel * 1 messages", "replay * 1 messages", "replay * 1 messages", "resolve * 1 doubts",
		"suppress tpl user oUserO…", "unsuppress tpl user oUserO…",
	}
	told := toldIn(p, "shop")
	if len(told) != len(want) {
		t.Errorf("%d entries, want %d: %q", len(told), len(want), told)
	}
	for i, words := range want[:min(len(told), len(want))] {
		if !strings.HasPrefix(told[i], words) {
			t.Errorf("entry %d tells %q, want %q", i, told[i], words)
		}
	}
	if told := toldIn(p, "mini"); !slices.Equal(told, []string{"permit_add * user oUserO…", "permit_remove * user oUserO…"}) {
		t.Errorf("mini's log tells %q", told)
	}
}

// toldIn are the entries of an account's log in words, the oldest first; each
// must tell that ann did it.
func toldIn(p *plant, account string) []string {
	p.t.Helper()
	var told []string
	for _, line := range p.run("", "account", "log", account, "--json").exits(exitOK).lines() {
		if who, _ := line["who"].(string); !strings.HasPrefix(who, "ann@") {
			p.t.Errorf("nobody knows who did this: %v", line)
		}
		words, _ := line["words"].(string)
		told = append(told, strings.TrimSpace(line["what"].(string)+" "+line["kind"].(string)+" "+words))
	}
	slices.Reverse(told)
	return told
}
