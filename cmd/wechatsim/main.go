// Command wechatsim is a stand-in for WeChat's servers as a program, for trying
// things out, chaos runs and benchmarks. It is steered and inspected over HTTP,
// under /sim/.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
