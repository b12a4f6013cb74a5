package main

import (
	"errors"
	"fmt"
	"strings"

	"wxdispatch/internal/fault"
)

// The exit codes.
const (
	exitOK      = 0 // all taken, duplicates included
	exitOurs    = 1 // a fault on our side: Redis is away, the output is closed
	exitUsage   = 2 // the command line or the configuration is wrong
	exitRefused = 3 // at least one message was refused, or not found
)

// ending is an error with its exit code. Without a cause everything was said
// already.
type ending struct {
	code int
	err  error
}

func (e *ending) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *ending) Unwrap() error { return e.err }

// refused ends a command whose refusals were told one by one.
func refused() error { return &ending{code: exitRefused} }

// ours is a fault on our side.
func ours(format string, args ...any) error {
	return &ending{exitOurs, fmt.Errorf(format, args...)}
}

// usage is a command line that cannot be followed.
func usage(format string, args ...any) error {
	return &ending{exitUsage, fmt.Errorf(format, args...)}
}

// arguments says how many were found.
func arguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// exitCode returns the code for what a command returned. Cobra's own errors
// are about the command line.
func exitCode(err error) int {
	var end *ending
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &end):
		return end.code
	case fault.Is(err, fault.Unavailable):
		return exitOurs
	}
	return exitUsage
}

// words says an error to people: what was found and what to do, without the
// operation that only programmers know. The first line is the whole matter;
// each mistake of an invalid input has a line of its own.
func words(err error) []string {
	var f *fault.Error
	if end := (*ending)(nil); errors.As(err, &end) || !errors.As(err, &f) {
		return []string{err.Error()}
	}
	text := f.Message
	if f.Err != nil {
		text = strings.TrimPrefix(text+": "+f.Err.Error(), ": ")
	}
	var lines []string
	if text != "" {
		lines = append(lines, text)
	}
	for _, field := range f.Fields {
		lines = append(lines, field.String())
	}
	return lines
}
