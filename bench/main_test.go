package main

import (
	"os"
	"testing"

	"github.com/redis/go-redis/v9/logging"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	logging.Disable() // as main does
	if len(os.Args) > 1 && os.Args[1] == childWord {
		os.Exit(child(os.Args[2:], os.Stdin, os.Stdout, os.Stderr)) // the tests' binary is the program, too
	}
	goleak.VerifyTestMain(m)
}
