package main

import (
	"testing"
)

func TestUsersSwitches(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.run("", "suppress", "list", "shop", "oUser").exits(exitOK).says("nothing is kept")
		p.run("", "suppress", "add", "shop", "oUser", "--template", "tpl", "--until", "30d").exits(exitOK).shows("tpl", "29d 23h", "app")
		p.run("", "suppress", "add", "shop", "oUser").exits(exitOK).shows("everything", "for good")
		p.run(order("a", "1"), "send").exits(exitRefused)
		p.run("", "suppress", "list", "shop", "oUser", "--json").exits(exitOK).shows(`{"openid":"oUser","suppressions":[{"template_id":"","until":null,"by":"app"},{"template_id":"tpl"`)
		p.run("", "suppress", "remove", "shop", "oUser").exits(exitOK).shows("tpl")
		p.run("", "suppress", "remove", "shop", "oUser").exits(exitRefused).says("nothing was lifted")
		p.run("", "suppress", "remove", "shop", "oUser", "--template", "tpl").exits(exitOK)
		p.run(order("a", "1"), "send").exits(exitOK)
		p.run("", "suppress", "add", "shop", "o U").exits(exitRefused).says("openid")
		p.run("", "suppress", "add", "shop", "oUser", "--until", "2020-01-01").exits(exitUsage).says("a time to come")
		p.run("", "suppress").exits(exitUsage)
		p.run("", "suppress", "delete").exits(exitUsage).says("add, list or remove")
	})
}
