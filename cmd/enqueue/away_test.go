package main

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"wxdispatch/internal/redistest"
)

// tooLong is far more than a program that does not hang needs.
const tooLong = 20 * time.Second

// within runs f and fails when it does not come back.
func within(t *testing.T, f func() ran) ran {
	t.Helper()
	back := make(chan ran, 1)
	go func() { back <- f() }()
	select {
	case r := <-back:
		return r
	case <-time.After(tooLong):
		t.Fatal("the program hangs")
		return ran{}
	}
}

func TestRedisRefuses(t *testing.T) {
	s := newShell(t, "127.0.0.1:1")
	s.environ = append(s.environ, "WXDISPATCH_REDIS_PASSWORD=hunter2hunter2")
	for _, args := range [][]string{{"send"}, {"status", "shop", "a"}} {
		got := s.run(order("a", "1"), args...).exits(exitOurs).says("Redis does not answer at 127.0.0.1:1 (redis.addrs, mode single)")
		if strings.Count(got.err, "\n") != 1 || got.out != "" || strings.Contains(got.err, "hunter2") {
			t.Errorf("stdout %q, stderr %q", got.out, got.err)
		}
	}
	s.environ = append(s.environ, "WXDISPATCH_REDIS_MODE=embedded")
	s.run(order("a", "1"), "send").exits(exitOurs).says("the worker runs it, so start that first")
}

func TestRedisNeverAnswers(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := newShell(t, listener.Addr().String())
	got := within(t, func() ran { return s.run(order("a", "1"), "send") })
	got.exits(exitOurs).says("Redis does not answer at "+listener.Addr().String(), "redis.addrs")
}

func TestRedisAsksForAPassword(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireAuth("right-one")
	s := newShell(t, server.Addr())
	s.environ = append(s.environ, "WXDISPATCH_REDIS_PASSWORD=wrong-one")
	got := s.run(order("a", "1"), "send").exits(exitOurs).says("WRONGPASS")
	if strings.Contains(got.err, "wrong-one") {
		t.Errorf("the password is shown: %s", got.err)
	}
	s.environ = append(s.environ, "WXDISPATCH_REDIS_PASSWORD=right-one")
	s.run(order("a", "1"), "send").exits(exitOK)
}

// firstThen hands out the first message, then does something, then hands out
// the second.
type firstThen struct {
	parts []string
	then  func()
}

func (f *firstThen) Read(to []byte) (int, error) {
	if len(f.parts) == 0 {
		return 0, io.EOF
	}
	if len(f.parts) == 1 {
		f.then()
	}
	n := copy(to, f.parts[0])
	f.parts = f.parts[1:]
	return n, nil
}

func TestRedisFreezesOnTheWay(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	s := newShell(t, server.Addr)
	stdin := &firstThen{[]string{order("a", "1") + "\n{", order("b", "1")[1:] + "\n" + order("c", "1")}, server.Stop}
	var out, err strings.Builder
	got := within(t, func() ran {
		code := run(t.Context(), []string{"send", "--json"}, stdin, &out, &err, s.environ)
		return ran{t, code, out.String(), err.String()}
	})
	got.exits(exitOurs).says("Redis does not answer at "+server.Addr, "message b (stdin:2) may have been taken or not", "the rest was not read")
	if lines := got.lines(); len(lines) != 2 || lines[0]["state"] != "queued" || lines[1]["id"] != "b" {
		t.Errorf("results: %s", got.out)
	}
	server.Continue()
}

// handed is a reader that tells when somebody waits for it.
type handed struct {
	text    string
	waiting func()
	end     chan struct{}
}

func (h *handed) Read(to []byte) (int, error) {
	if h.text == "" {
		h.waiting()
		<-h.end
		return 0, io.EOF
	}
	n := copy(to, h.text)
	h.text = h.text[n:]
	return n, nil
}

func TestInterruptEndsAProgramThatWaitsForInput(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stdin := &handed{order("a", "1") + "\n", cancel, make(chan struct{})}
	defer close(stdin.end)
	s := miniShell(t)
	var out, err strings.Builder
	got := within(t, func() ran {
		code := run(ctx, []string{"send", "--json"}, stdin, &out, &err, s.environ)
		return ran{t, code, out.String(), err.String()}
	})
	got.exits(exitOurs).says("interrupted")
	if lines := got.lines(); len(lines) != 1 || lines[0]["state"] != "queued" {
		t.Errorf("results: %s", got.out)
	}
}

func TestInterruptBeforeTheStart(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err strings.Builder
	code := run(ctx, []string{"status", "shop", "a"}, strings.NewReader(""), &out, &err, miniShell(t).environ)
	ran{t, code, out.String(), err.String()}.exits(exitOurs).says("interrupted")
}
