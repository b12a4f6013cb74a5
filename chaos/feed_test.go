package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"wxdispatch"
	"wxdispatch/internal/fault"
)

const (
	senders   = 8
	sendTime  = 5 * time.Second
	sendPause = 200 * time.Millisecond
	// chunk is how many messages one enqueue command takes.
	chunk = 60
	// byCommand: so many messages are handed over by the Go client to one by
	// the command.
	byCommand = 4
	// askAgain: so many messages are there to one that its app sends twice.
	askAgain = 50
)

// feeder hands the messages over as apps do: it repeats with the same id until
// it hears that the message was taken.
type feeder struct {
	client  *wxdispatch.Client
	command string // the enqueue program
	env     []string
	dir     string

	repeats atomic.Int64 // sends that had to be repeated
}

// feed hands over all parts, evenly spread over d, and returns when all were
// taken.
func (f *feeder) feed(ctx context.Context, parts []*part, d time.Duration) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(senders)
	start, pile := time.Now(), []*part(nil)
	for i, p := range parts {
		due := start.Add(time.Duration(float64(d) * float64(i) / float64(len(parts))))
		if !sleep(ctx, time.Until(due)) {
			break
		}
		if i%byCommand == 0 {
			pile = append(pile, p)
		} else {
			group.Go(func() error { return f.send(ctx, p, i%askAgain == 1) })
		}
		if len(pile) == chunk || i == len(parts)-1 {
			full := pile
			group.Go(func() error { return f.enqueue(ctx, full) })
			pile = nil
		}
	}
	return group.Wait()
}

func (f *feeder) send(ctx context.Context, p *part, twice bool) error {
	for {
		try, cancel := context.WithTimeout(ctx, sendTime)
		result, err := f.client.Send(try, p.message)
		cancel()
		switch {
		case err == nil && twice:
			twice = false // an app that repeats itself changes nothing
		case err == nil:
			return nil
		case !fault.Is(err, fault.Unavailable) || ctx.Err() != nil:
			return fmt.Errorf("send %s (%s): %w", p.message.ID, result.State, err)
		default:
			f.repeats.Add(1)
			sleep(ctx, sendPause)
		}
	}
}

// enqueue hands many over by the command, again until all were taken.
func (f *feeder) enqueue(ctx context.Context, parts []*part) error {
	var lines bytes.Buffer
	for _, p := range parts {
		lines.Write(append(p.line, '\n'))
	}
	for len(parts) > 0 {
		cmd := exec.CommandContext(ctx, f.command, "send", "--json")
		cmd.Dir, cmd.Env, cmd.SysProcAttr = f.dir, f.env, tied()
		cmd.Stdin = bytes.NewReader(lines.Bytes())
		var words bytes.Buffer
		cmd.Stderr = &words
		err := cmd.Run()
		var exit *exec.ExitError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &exit) || exit.ExitCode() != 1 || ctx.Err() != nil:
			return fmt.Errorf("enqueue send: %w: %s", err, words.String())
		}
		f.repeats.Add(1)
		sleep(ctx, sendPause)
	}
	return nil
}

// sleep waits and tells whether ctx lasted.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
