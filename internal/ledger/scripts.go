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

	beginScript  = redis.NewScript(words + begin)
	settleScript = redis.NewScript(words + settle)
)
