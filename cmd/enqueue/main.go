// Command enqueue hands messages over to the workers and tells what became of
// them.
//
// Its promise: results go to standard output, words for people to standard
// error, and the exit code tells scripts how it went (exit.go). It needs the
// workers' Redis alone: no appid, no secret. Each command is a file; root.go
// lists them.
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
	// well, and is told once, in words.
	logging.Disable()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())
	stop()
	os.Exit(code)
}
