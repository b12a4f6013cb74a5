package token

import (
	_ "embed"

	"github.com/redis/go-redis/v9"
)

// Redis has no modules for scripts, so the words they share are put in front
// of each.
var (
	//go:embed lua/words.lua
	words string
	//go:embed lua/take.lua
	take string
	//go:embed lua/hold.lua
	hold string
	//go:embed lua/store.lua
	store string
	//go:embed lua/fail.lua
	fail string
	//go:embed lua/leave.lua
	leave string
	//go:embed lua/force.lua
	force string
	//go:embed lua/look.lua
	look string
	//go:embed lua/again.lua
	again string

	takeScript  = script(take)
	holdScript  = script(hold)
	storeScript = script(store)
	failScript  = script(fail)
	leaveScript = script(leave)
	forceScript = script(force)
	lookScript  = script(look)
	againScript = script(again)
)

func script(decision string) *redis.Script { return redis.NewScript(words + decision) }
