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

	beginScript   = redis.NewScript(words + begin)
	settleScript  = redis.NewScript(words + settle)
	cancelScript  = redis.NewScript(words + cancel)
	resolveScript = redis.NewScript(words + resolve)
	replayScript  = redis.NewScript(words + replay)
	receiptScript = redis.NewScript(words + receipt)
	abandonScript = redis.NewScript(words + abandon)
)
