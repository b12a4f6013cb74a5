package main

import (
	"context"
	"io"
)

// interruptible reads from what may block for ever, a terminal or a pipe, and
// gives up when ctx ends. The one read that is under way then is left to the
// end of the process: nothing can stop it.
type interruptible struct {
	ctx    context.Context
	from   io.Reader
	buffer []byte
	answer chan got
}

// got is what one read brought.
type got struct {
	n   int
	err error
}

func newInterruptible(ctx context.Context, from io.Reader) *interruptible {
	return &interruptible{ctx, from, make([]byte, 64<<10), make(chan got, 1)}
}

// Read reads into a buffer of its own, which a read that was left behind may
// still write to; so after ctx's error it must not be called again.
func (i *interruptible) Read(to []byte) (int, error) {
	into := i.buffer[:min(len(to), len(i.buffer))]
	go func() {
		n, err := i.from.Read(into)
		i.answer <- got{n, err}
	}()
	select {
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	case a := <-i.answer:
		return copy(to, into[:a.n]), a.err
	}
}
