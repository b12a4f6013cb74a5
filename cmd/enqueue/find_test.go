package main

import (
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
)

func TestFindByUser(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.refused("a")
		p.ends(strings.Replace(order("b", "1"), "tpl", "tpl2", 1), doubtEnd, silence)
		p.ends(strings.Replace(order("c", "1"), "oUser", "oOther", 1), refusedEnd, noFollower)
		p.run(order("d", "1"), "send").exits(exitOK) // no attempt yet
		find := func(args ...string) (ids []string) {
			for _, line := range p.run("", append([]string{"find", "shop", "--json"}, args...)...).exits(exitOK).lines() {
				ids = append(ids, line["id"].(string))
			}
			return ids
		}
		if ids := find("oUser"); len(ids) != 2 {
			p.t.Errorf("found %v, want a and b", ids)
		}
		if ids := find("oUser", "--template", "tpl2", "--since", "1h"); strings.Join(ids, " ") != "b" {
			p.t.Errorf("found %v, want b", ids)
		}
		p.run("", "find", "shop", "oNobody").exits(exitOK).says("what waits for its first attempt has none yet").prints("")
		p.run("", "find", "shop", "oUser", "--since", time.Now().Add(time.Hour).Format(time.RFC3339)).exits(exitOK).prints("")
		if got := p.run("", "find", "shop", "oOther").exits(exitOK); !strings.Contains(got.out, "the user does not follow the account") {
			p.t.Errorf("the table:\n%s", got.out)
		}
		p.run("", "find", "shop").exits(exitUsage).says("write enqueue find ACCOUNT OPENID")
		p.run("", "find", "shop", "").exits(exitUsage).says("the openid is empty")
		p.run("", "find", "nobody", "oUser").exits(exitUsage).says("known are")
	})
}

func TestProofHasWhatSupportNeeds(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.ends(order("a", "1"), refusedEnd, noFollower)
		got := p.run("", "status", "shop", "a", "--proof").exits(exitOK)
		for _, want := range []string{"id           a\n", "openid       oUser\n", "rid          r-i-d\n", "msgid        -\n",
			"state        refused, recipient\n", "errcode      43004: the user does not follow the account / 用户尚未关注公众号\n",
			"errmsg       require subscribe\n", "receipt      none so far\n", "refused (recipient), 43004: "} {
			if !strings.Contains(got.out, want) {
				p.t.Errorf("the proof has no %q:\n%s", want, got.out)
			}
		}
		words := p.run("", "status", "shop", "a", "--proof", "--json").exits(exitOK).lines()[0]["words"].(map[string]any)
		if words["zh"] != "用户尚未关注公众号" {
			p.t.Errorf("words %v", words)
		}
	})
}

func TestProofHasTheReceipt(t *testing.T) {
	eachPlant(t, func(p *plant) {
		m := p.decode(order("a", "1"))
		p.settle(m, p.begin(m), message.Outcome{State: message.Accepted}, message.Answer{MsgID: "3557254367693750277"})
		at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
		if _, err := p.ledger.Receipt(p.t.Context(), "shop", "a", message.Undelivered, "failed:user block", at, time.Hour); err != nil {
			p.t.Fatal(err)
		}
		got := p.run("", "status", "shop", "a", "--proof").exits(exitOK)
		for _, want := range []string{"msgid        3557254367693750277\n", "receipt      failed:user block at " + at.Local().Format("2006-01-02T15:04:05"), "undelivered (failed:user block)"} {
			if !strings.Contains(got.out, want) {
				p.t.Errorf("the proof has no %q:\n%s", want, got.out)
			}
		}
	})
}
