package gateway

import (
	"time"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/store"
)

// DeskOptions is what a configuration says to a desk; by is who ends doubts
// there.
func DeskOptions(cfg *config.Config, by string) desk.Options {
	return desk.Options{Known: access.Accounts(cfg), MaxAge: cfg.Message.MaxAge, Keep: cfg.Message.Keep, Replicas: cfg.Redis.WaitReplicas, By: by}
}

// StoreOptions is which Redis a configuration means. A command that nobody gave a time
// ends after longest.
func StoreOptions(r config.Redis, longest time.Duration) store.Options {
	o := access.Redis(r)
	o.Longest = longest
	return o
}
