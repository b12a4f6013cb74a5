// Command bench compares wxdispatch with what an app would write by itself: an
// asynq server whose handler posts to WeChat with net/http. Both send the same
// messages to the same stand-in from the same kind of queue, in turn, several
// times, and the medians are printed as a table and as JSON.
//
//	make bench
//	make bench ARGS='--quick --only drain'
//
// bench soak (make soak) sends very many messages through all of wxdispatch, with
// receipts, and looks whether anything grows (runSoak).
//
// Its promise: every part runs in a process of its own (Redis, stand-in, worker;
// this one only fills queues and looks), each run starts with fresh ones, and
// all that it started is ended by process id, also on SIGINT and when it is
// killed. It counts what the stand-in saw, not what a worker believes. It leaves
// to others whether figures are good enough: it says ok or MISSED beside each
// goal, and only --strict makes that an exit code. Benchmarks of single
// functions are beside those, for go test -bench.
//
// The processes' times and memory are read from /proc, so it wants Linux; it
// needs redis-server on the PATH.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9/logging"
)

func main() {
	logging.Disable() // connections that end with a run are no news
	if len(os.Args) > 1 && os.Args[1] == childWord {
		signal.Ignore(os.Interrupt) // the parent says when it is over
		os.Exit(child(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
