package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// confirmed tells what is about to happen and whether it may: with --yes, or
// because somebody at a terminal says so. Without both it is a usage error.
func (p *program) confirmed(ctx context.Context, what string, yes bool) (bool, error) {
	switch {
	case yes:
		p.tell("%s", what)
		return true, nil
	case !isTerminal(p.stdin):
		return false, usage("%s: there is no terminal to ask at, so nothing was changed; add --yes to go on", what)
	}
	return p.ask(ctx, what)
}

// ask waits for an answer; only y and yes are one.
func (p *program) ask(ctx context.Context, what string) (bool, error) {
	_, _ = fmt.Fprintf(p.stderr, "%s. Go on? [y/N] ", what)
	line, _ := bufio.NewReader(newInterruptible(ctx, p.stdin)).ReadString('\n')
	if ctx.Err() != nil {
		return false, ours("interrupted; nothing was changed")
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true, nil
	}
	p.tell("nothing was changed")
	return false, nil
}
