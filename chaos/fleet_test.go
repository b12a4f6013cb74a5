package chaos_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	callTimeout     = time.Second
	shutdownTimeout = 8 * time.Second
	// exitGrace is what a busy machine may take beyond shutdown_timeout.
	exitGrace = 7 * time.Second
	// restartAfter is the wait before a worker that found no Redis starts again.
	restartAfter = 300 * time.Millisecond
)

// fleet is the worker processes. Each berth always has one: whatever ends is
// replaced, as a service manager would.
type fleet struct {
	binary, dir string
	env         []string
	running     sync.WaitGroup

	mu       sync.Mutex
	over     bool
	launched int
	berths   []*process
	all      []*process
	problems []string
}

// process is one worker process.
type process struct {
	name    string
	log     string
	cmd     *exec.Cmd
	leaving chan struct{} // closed: it was told to end, the next one may start
	gone    chan struct{} // closed: it has ended
	left    sync.Once
}

func (p *process) leave() { p.left.Do(func() { close(p.leaving) }) }

func (p *process) asked() bool {
	select {
	case <-p.leaving:
		return true
	default:
		return false
	}
}

// started tells whether it got so far as to work.
func (p *process) started() bool {
	text, err := os.ReadFile(p.log)
	return err == nil && bytes.Contains(text, []byte("worker runs"))
}

func startFleet(t *testing.T, n int, binary, dir string, env []string) *fleet {
	t.Helper()
	f := &fleet{binary: binary, dir: dir, env: env, berths: make([]*process, n)}
	t.Cleanup(f.kill)
	for i := range n {
		f.running.Go(func() { f.man(i) })
	}
	return f
}

// man keeps a worker in one berth until the fleet ends.
func (f *fleet) man(berth int) {
	for {
		p, err := f.launch(berth)
		if err != nil {
			f.problem("worker did not start: %v", err)
			return
		}
		if p == nil {
			return
		}
		select {
		case <-p.leaving:
		case <-p.gone:
			if p.asked() {
				continue
			}
			if p.started() {
				f.problem("%s ended by itself: %v", p.name, p.cmd.ProcessState)
			}
			time.Sleep(restartAfter) // Redis was away: its service manager tries again
		}
	}
}

// launch starts the next worker; nil when the fleet is over.
func (f *fleet) launch(berth int) (*process, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return nil, nil
	}
	f.launched++
	name := fmt.Sprintf("worker-%03d", f.launched)
	p := &process{name: name, log: filepath.Join(f.dir, name+".log"), leaving: make(chan struct{}), gone: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	listen, err := freeAddr()
	if err != nil {
		return nil, err
	}
	p.cmd = exec.Command(f.binary)
	p.cmd.Dir, p.cmd.Env = f.dir, append(f.env, "WXDISPATCH_WORKER_LISTEN="+listen)
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = log, log, tied()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	f.running.Go(func() {
		_ = p.cmd.Wait()
		close(p.gone)
	})
	f.berths[berth], f.all = p, append(f.all, p)
	return p, nil
}

// strike ends the worker of a berth without a word.
func (f *fleet) strike(berth int) {
	p := f.at(berth)
	p.leave()
	_ = p.cmd.Process.Kill()
}

// hang makes the worker of a berth stand still for a time. It does not wait:
// others take its runs over meanwhile, and then it goes on where it stood.
func (f *fleet) hang(ctx context.Context, berth int, d time.Duration) {
	p := f.at(berth)
	_ = p.cmd.Process.Signal(syscall.SIGSTOP)
	f.running.Go(func() {
		select {
		case <-time.After(d):
		case <-ctx.Done():
		case <-p.leaving:
		case <-p.gone:
		}
		_ = p.cmd.Process.Signal(syscall.SIGCONT)
	})
}

// relieve ends the worker of a berth as a deploy does; the next one starts
// beside it.
func (f *fleet) relieve(berth int) {
	p := f.at(berth)
	p.leave()
	f.running.Go(func() { f.end(p) })
}

// end asks a worker to end and holds it to its promise: exit 0 in time.
func (f *fleet) end(p *process) {
	started := p.started()
	begun := time.Now()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.gone:
	case <-time.After(shutdownTimeout + exitGrace):
		_ = p.cmd.Process.Kill()
		<-p.gone
		f.problem("%s did not end within %s of SIGTERM", p.name, time.Since(begun).Round(time.Second))
		return
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 && started {
		f.problem("%s: %v after SIGTERM, not exit 0", p.name, p.cmd.ProcessState)
	}
}

// stop ends every worker in order and returns when none runs any more.
func (f *fleet) stop() {
	for _, p := range f.close() {
		if !p.asked() {
			p.leave()
			f.running.Go(func() { f.end(p) })
		}
	}
	f.running.Wait()
}

// kill ends whatever still runs.
func (f *fleet) kill() {
	for _, p := range f.close() {
		p.leave()
		_ = p.cmd.Process.Kill()
	}
	f.running.Wait()
}

func (f *fleet) close() []*process {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
	return append([]*process(nil), f.all...)
}

func (f *fleet) at(berth int) *process {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.berths[berth]
}

func (f *fleet) problem(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

// awaitWork returns when every berth's worker works.
func (f *fleet) awaitWork(ctx context.Context) error {
	return until(ctx, "all workers to run", func() (bool, error) {
		for i := range f.berths {
			if p := f.at(i); p == nil || !p.started() {
				return false, nil
			}
		}
		return true, nil
	})
}

func freeAddr() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// until looks again and again whether something has come about.
func until(ctx context.Context, what string, look func() (bool, error)) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		done, err := look()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s: %w (last: %v)", what, context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}
