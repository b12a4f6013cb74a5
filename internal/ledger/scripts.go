package ledger

import (
	"embed"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var sources embed.FS

// decision is one of those that a script takes about a message.
type decision struct {
	name string // of its file
	in   *redis.Script
}

// A worker's trips ask for begins and settles at once, so both are in one script.
var (
	steps  = script("begin", "settle", "accept")
	begin  = decision{"begin", steps}
	settle = decision{"settle", steps}
	accept = decision{"accept", steps} // settle's, of the plain answer

	reserve   = alone("reserve")
	unreserve = alone("unreserve")
	cancel    = alone("cancel")
	resolve   = alone("resolve")
	replay    = alone("replay")
	receipt   = alone("receipt")
	abandon   = alone("abandon")

	suppress      = alone("suppress")
	permitAdd     = alone("permit_add")
	permitRemove  = alone("permit_remove")
	consentAdd    = alone("consent_add")
	consentRemove = alone("consent_remove")

	hold         = alone("hold")
	unhold       = alone("unpark")
	lapse        = alone("lapse")
	templatePark = alone("template_park")
)

// These are about no message, and stand by themselves.
var (
	batchOpenScript   = redis.NewScript(source("batch_open"))
	batchTurnScript   = redis.NewScript(source("batch_turn"))
	batchNoteScript   = redis.NewScript(source("batch_note"))
	batchStandScript  = redis.NewScript(source("batch_stand"))
	batchForgetScript = redis.NewScript(source("batch_forget"))
	earlyScript       = redis.NewScript(source("early"))
)

// alone is a decision with a script of its own.
func alone(name string) decision { return decision{name, script(name)} }

// script puts the script of some decisions together.
func script(names ...string) *redis.Script {
	var decisions strings.Builder
	for _, name := range names {
		decisions.WriteString(deciding(name, source(name)))
	}
	return assemble(decisions.String())
}

// assemble puts a script together: Redis has no modules, so the words that
// decisions share stand in front of them, and behind them what has them decide
// about each message in turn. A part, and a decision, is built at its first use:
// to make the functions that few messages need costs more than a message does.
func assemble(decisions string) *redis.Script {
	return redis.NewScript(source("words") +
		"local permits = " + part(source("permits")) +
		"local wishes = " + part(source("wishes")) +
		source("life") + source("parks") +
		"local parking = " + part(source("parking")) +
		"local templates = " + part(source("templates")) +
		"local decisions = {}\n" + decisions + source("turn"))
}

func deciding(name, text string) string { return "decisions." + name + " = " + part(text) }

func part(text string) string { return "part(function()\n" + text + "end)\n" }

// source is a file of lua/, which are all there from the build on.
func source(name string) string {
	text, err := sources.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err)
	}
	return string(text)
}
