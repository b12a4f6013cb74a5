package store

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Quiet keeps go-redis from writing lines of its own to standard error: every
// failure reaches whoever asked, who tells it in words. It sets a global of the
// library, so programs call it once, first of all.
func Quiet() { redis.SetLogger(silence{}) }

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}
