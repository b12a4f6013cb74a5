// Command worker drains the queues of all accounts towards WeChat.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"wxdispatch/internal/store"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	store.Quiet()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}
