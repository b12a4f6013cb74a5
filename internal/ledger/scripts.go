package ledger

import (
	_ "embed"

	"github.com/redis/go-redis/v9"
)

// Redis has no modules for scripts, so the words they share are put in front
// of each.
var (
	//go:embed lua/words.lua
	words string
	//go:embed lua/permits.lua
	permits string
	//go:embed lua/life.lua
	life string
	//go:embed lua/parks.lua
	parks string
	//go:embed lua/turn.lua
	turn string

	//go:embed lua/reserve.lua
	reserve string
	//go:embed lua/unreserve.lua
	unreserve string
	//go:embed lua/begin.lua
	begin string
	//go:embed lua/settle.lua
	settle string
	//go:embed lua/cancel.lua
	cancel string
	//go:embed lua/resolve.lua
	resolve string
	//go:embed lua/replay.lua
	replay string
	//go:embed lua/receipt.lua
	receipt string
	//go:embed lua/abandon.lua
	abandon string
	//go:embed lua/batch_open.lua
	batchOpen string
	//go:embed lua/batch_turn.lua
	batchTurn string
	//go:embed lua/batch_note.lua
	batchNote string
	//go:embed lua/batch_stand.lua
	batchStand string
	//go:embed lua/batch_forget.lua
	batchForget string
	//go:embed lua/early.lua
	early string
	//go:embed lua/suppress.lua
	suppress string
	//go:embed lua/permit_add.lua
	permitAdd string
	//go:embed lua/permit_remove.lua
	permitRemove string
	//go:embed lua/consent_add.lua
	consentAdd string
	//go:embed lua/consent_remove.lua
	consentRemove string
	//go:embed lua/hold.lua
	hold string
	//go:embed lua/unpark.lua
	unpark string
	//go:embed lua/lapse.lua
	lapse string

	reserveScript       = script(reserve)
	unreserveScript     = script(unreserve)
	beginScript         = script(begin)
	settleScript        = script(settle)
	cancelScript        = script(cancel)
	resolveScript       = script(resolve)
	replayScript        = script(replay)
	receiptScript       = script(receipt)
	abandonScript       = script(abandon)
	batchOpenScript     = redis.NewScript(batchOpen)
	batchTurnScript     = redis.NewScript(batchTurn)
	batchNoteScript     = redis.NewScript(batchNote)
	batchStandScript    = redis.NewScript(batchStand)
	batchForgetScript   = redis.NewScript(batchForget)
	earlyScript         = redis.NewScript(early)
	suppressScript      = script(suppress)
	permitAddScript     = script(permitAdd)
	permitRemoveScript  = script(permitRemove)
	consentAddScript    = script(consentAdd)
	consentRemoveScript = script(consentRemove)
	holdScript          = script(hold)
	unholdScript        = script(unpark)
	lapseScript         = script(lapse)
)

// script is a decision with the words in front of it, and what has it decide
// about each message in turn behind it.
func script(decision string) *redis.Script {
	return redis.NewScript(words + permits + life + parks + "\nlocal function decide()\n" + decision + "\nend\n" + turn)
}
