package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

func TestReplaySendsASelectionAgainOnce(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.refused("a")
		p.ends(order("b", "1"), failedEnd, message.Answer{Class: fault.Busy, Code: -1})
		p.doubt("c")
		p.run("", "replay", "shop").exits(exitUsage).says("2 messages of account shop would be sent again (1 refused, 1 failed)",
			"1 in doubt are left out", "add --yes")
		p.waits0()

		got := p.run("", "replay", "shop", "--errcode", "43004", "--yes").exits(exitOK)
		got.prints("1 replayed, 0 not\n")
		p.waits(1)
		p.stands("b", message.Failed)
		if !p.kept("a") {
			p.t.Error("the content went before the new life ended well")
		}

		p.run("", "replay", "shop", "--yes").exits(exitOK).prints("1 replayed, 0 not\n")
		p.run("", "replay", "shop", "--yes").exits(exitOK).says("account shop has no such bad end", "enqueue resolve")
		p.waits(2)
		p.stands("c", message.InDoubt)
		for _, id := range []string{"a", "b"} {
			if record := p.stands(id, message.Waiting); record.Life != 2 || record.Attempts != 0 || record.ErrCode != 0 {
				p.t.Errorf("%s has no fresh life: %+v", id, record)
			}
		}
		a := p.decode(order("a", "1"))
		p.settle(a, p.begin(a), message.Outcome{State: message.Accepted}, message.Answer{Class: fault.OK})
		if p.kept("a") {
			p.t.Error("the content is kept though it arrived")
		}
	})
}

// waits0 asks that no queue was ever made.
func (p *plant) waits0() {
	p.t.Helper()
	if queues, err := p.inspector.Queues(); err != nil || len(queues) > 0 {
		p.t.Errorf("queues %v, %v, want none", queues, err)
	}
}

// A replayed message goes the whole way again, and may end badly again. While
// the task of its last life is still there that one goes on, and the content
// stays: asynq may be about to archive it.
func TestReplayIsANewLifeOfItsOwn(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.refused("a")
		for life := 2; life < 4; life++ {
			p.run("", "replay", "shop", "a").exits(exitOK)
			if record := p.stands("a", message.Waiting); record.Life != life {
				p.t.Errorf("life %d, want %d", record.Life, life)
			}
			p.waits(1)
			p.refused("a")
		}
		if !p.kept("a") {
			p.t.Error("the content of a bad end is gone")
		}
		history := p.run("", "status", "shop", "a").exits(exitOK).out
		if strings.Count(history, "replay") != 2 || strings.Count(history, "the user does not follow") != 3 {
			p.t.Errorf("the history of three lives:\n%s", history)
		}
	})
}

func TestReplayByIDSaysWhyNot(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.doubt("doubt")
		accepted := p.decode(order("good", "1"))
		p.settle(accepted, p.begin(accepted), message.Outcome{State: message.Accepted}, message.Answer{Class: fault.OK})
		p.run(order("new", "1"), "send").exits(exitOK)
		p.refused("empty")
		if err := p.client.Del(p.t.Context(), keys.Payload("shop", "empty")).Err(); err != nil {
			p.t.Fatal(err)
		}
		p.ends(strings.Replace(order("old", "1"), `"kind"`, `"expires_at":"2020-01-01T00:00:00Z","kind"`, 1), failedEnd,
			message.Answer{Class: fault.Busy, Code: -1})
		for id, words := range map[string]string{
			"doubt":  "end the doubt with resolve",
			"good":   "it is accepted; only bad ends are replayed",
			"new":    "it is under way (queued)",
			"empty":  "its content is no longer kept",
			"old":    "its expires_at, 2020-01-01T00:00:00Z, is over",
			"nobody": "account shop has no message nobody",
		} {
			got := p.run("", "replay", "shop", id).exits(exitRefused)
			if !strings.Contains(got.out, words) {
				p.t.Errorf("%s: told\n%s\nwant %q", id, got.out, words)
			}
		}
		got := p.run("", "replay", "shop", "--yes", "--json").exits(exitRefused).says("empty: not replayed: its content is no longer kept", "old: not replayed")
		if lines := got.lines(); len(lines) != 2 || lines[0]["error"].(map[string]any)["code"] != "not_found" || lines[1]["error"].(map[string]any)["code"] != "invalid" {
			p.t.Errorf("lines: %s", got.out)
		}
		p.waits(1)
	})
}

func TestReplayUnderAnIDWhoseTaskIsArchived(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.run(order("a", "1"), "send").exits(exitOK)
		p.refused("a")
		if err := p.inspector.ArchiveTask("shop.template", "a"); err != nil {
			p.t.Fatal(err)
		}
		p.run("", "replay", "shop", "--yes").exits(exitOK).prints("1 replayed, 0 not\n")
		if task := p.task("a"); task != "pending" {
			p.t.Errorf("its task is %s, want pending", task)
		}
	})
}

// fragile is a miniredis that stops answering at the first command that match
// picks, until it is mended.
type fragile struct {
	*miniredis.Miniredis
	broken atomic.Bool
	match  atomic.Pointer[string]
}

func newFragile(t *testing.T) *fragile {
	f := &fragile{Miniredis: miniredis.RunT(t)}
	f.Server().SetPreHook(func(peer *server.Peer, command string, args ...string) bool {
		text := f.match.Load()
		if text != nil && strings.Contains(command+" "+strings.Join(args, " "), *text) {
			f.broken.Store(true)
		}
		if f.broken.Load() {
			peer.WriteError("ERR gone")
		}
		return f.broken.Load()
	})
	return f
}

func (f *fragile) breakAt(text string) { f.match.Store(&text) }

func (f *fragile) mend() {
	f.match.Store(nil)
	f.broken.Store(false)
}

func TestReplayInterruptedAndRepeatedSendsEachOnce(t *testing.T) {
	for name, at := range map[string]string{
		"before the life":  "wxd:{shop}:p:m-2",
		"before the queue": "asynq:{shop.template}:t:m-2",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFragile(t)
			p := newPlant(t, redistest.Client(t, f.Addr()))
			const all = 5
			for i := range all {
				p.refused(fmt.Sprintf("m-%d", i))
			}
			f.breakAt(at)
			p.run("", "replay", "shop", "--yes").exits(exitOurs).says("2 of 5 were replayed", "repeat the command, with --until ",
				"m-2 may have been replayed or not")
			f.mend()
			p.run("", "replay", "shop", "--yes").exits(exitOK)
			p.sweepReplayed()
			p.waits(all)
			for i := range all {
				if record := p.stands(fmt.Sprintf("m-%d", i), message.Waiting); record.Life != 2 {
					t.Errorf("m-%d is in life %d, want 2", i, record.Life)
				}
			}
		})
	}
}

// sweepReplayed puts back what a cut-off replay left, as a worker's sweep does.
func (p *plant) sweepReplayed() {
	p.t.Helper()
	queue := tasks.NewQueue(p.client)
	requeue := intake.Requeuer{Contents: p.ledger, Queue: queue, Now: time.Now, Keep: time.Hour}
	ids, err := p.ledger.Due(p.t.Context(), "shop", 1000)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, id := range ids {
		if _, err := requeue.Requeue(p.t.Context(), "shop", id); err != nil {
			p.t.Fatal(err)
		}
	}
}

// The command with the id ends what was cut off, without waiting for a sweep.
func TestReplayByIDEndsWhatWasCutOff(t *testing.T) {
	f := newFragile(t)
	p := newPlant(t, redistest.Client(t, f.Addr()))
	p.refused("m")
	f.breakAt("asynq:{shop.template}:t:m")
	p.run("", "replay", "shop", "m").exits(exitOurs).says("m may have been changed or not: repeat the command")
	f.mend()
	p.stands("m", message.Waiting)
	p.run("", "replay", "shop", "m").exits(exitOK)
	p.waits(1)
	p.run("", "replay", "shop", "m").exits(exitRefused)
	p.waits(1)
}

// More than one page (500) where Lua is slow, and thousands where it is not.
func TestReplayOfThousands(t *testing.T) {
	t.Run("miniredis", func(t *testing.T) { replayMany(newPlant(t, redistest.Mini(t)), 700) })
	t.Run("redis-server", func(t *testing.T) { replayMany(newPlant(t, redistest.Client(t, redistest.Server(t))), 3000) })
}

func replayMany(p *plant, all int) {
	for i := range all {
		p.refused(fmt.Sprintf("m-%04d", i))
	}
	got := p.run("", "failed", "shop", "--json").exits(exitOK)
	seen := map[string]bool{}
	for _, line := range got.lines() {
		seen[line["id"].(string)] = true
	}
	if len(seen) != all || strings.Count(got.out, "\n") != all {
		p.t.Fatalf("failed lists %d messages in %d lines, want %d", len(seen), strings.Count(got.out, "\n"), all)
	}
	p.run("", "replay", "shop", "--yes").exits(exitOK).prints(fmt.Sprintf("%d replayed, 0 not\n", all))
	p.waits(all)
	p.run("", "failed", "shop").exits(exitOK).says("no such bad end").prints("")
}

func TestReplayUsage(t *testing.T) {
	s := miniShell(t)
	for words, args := range map[string][]string{
		"write enqueue replay ACCOUNT":                {"replay"},
		"write enqueue resolve shop with --sent":      {"replay", "shop", "--state", "in_doubt"},
		`--state found "accepted"; bad ends are`:      {"replay", "shop", "--state", "accepted"},
		`--kind found "tmpl"; allowed are template`:   {"replay", "shop", "--kind", "tmpl"},
		`--since found "yesterday"; write it as 2026`: {"replay", "shop", "--since", "yesterday"},
		"is before --since":                           {"replay", "shop", "--since", "2026-11-22", "--until", "2026-11-20"},
		"ids beside flags":                            {"replay", "shop", "a", "--since", "1h"},
		"known are mini (miniprogram)":                {"replay", "nobody", "--yes"},
	} {
		s.run("", args...).exits(exitUsage).says(words)
	}
}

func TestOnlyYesGoesOn(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "yes": true, "\n": false, "": false, "n\n": false, "maybe\n": false} {
		var screen strings.Builder
		p := &program{stdin: strings.NewReader(answer), stderr: &screen}
		willing, err := p.ask(t.Context(), "3 messages would be sent again")
		if err != nil || willing != want || !strings.Contains(screen.String(), "3 messages would be sent again. Go on? [y/N] ") {
			t.Errorf("%q: %v, %v, on the screen %q", answer, willing, err, screen.String())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&program{stdin: strings.NewReader(""), stderr: &strings.Builder{}}).ask(ctx, ""); exitCode(err) != exitOurs {
		t.Errorf("interrupted: %v", err)
	}
}

// stopAfter ends a context once so many lines were written.
type stopAfter struct {
	strings.Builder
	lines int
	stop  context.CancelFunc
}

func (s *stopAfter) Write(text []byte) (int, error) {
	if s.lines--; s.lines == 0 {
		s.stop()
	}
	return s.Builder.Write(text)
}

func TestReplayEndsAtAnInterruptBetweenTwoMessages(t *testing.T) {
	eachPlant(t, func(p *plant) {
		for i := range 5 {
			p.refused(fmt.Sprintf("m-%d", i))
		}
		ctx, stop := context.WithCancel(p.t.Context())
		defer stop()
		var stderr strings.Builder
		stdout := &stopAfter{lines: 2, stop: stop}
		code := run(ctx, []string{"replay", "shop", "--yes", "--json"}, strings.NewReader(""), stdout, &stderr, p.environ)
		got := ran{p.t, code, stdout.String(), stderr.String()}.exits(exitOurs)
		got.says("interrupted before m-2", "2 of 5 were replayed", "repeat the command")
		p.waits(2)
		p.run("", "replay", "shop", "--yes").exits(exitOK).prints("3 replayed, 0 not\n")
		p.waits(5)
	})
}
