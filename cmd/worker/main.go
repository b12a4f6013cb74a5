// Command worker drains the queues of all accounts towards WeChat.
//
// Its promise: SIGTERM and SIGINT end it within worker.shutdown_timeout, and
// the exit code tells how it went (root.go). Each command is a file.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9/logging"
)

func main() {
	// What go-redis would write to standard error comes back as an error as
	// well, and is told in words.
	logging.Disable()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
