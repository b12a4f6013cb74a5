package wxdispatch_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wxdispatch/internal/redistest"
)

const (
	commandTime = 3 * time.Minute // a first go run compiles
	endTime     = 40 * time.Second
)

var staysUntil = regexp.MustCompile(`^run: stays until "(.+)"$`)

// TestReadmeCommands runs the commands of README.md as they are printed; the
// Chinese page has the same ones (TestReadmesAreLevel). What a block is for
// stands in the comment before it:
//
//	run                  to its end, with exit code 0
//	run: stays until "…" a program of a terminal of its own, until its section ends
//	run: env             what every later block has in its environment
//	run: redis           stands for a private Redis of the test
//
// Redis and the worker's pages are moved to free ports by the environment; of
// the two ports that the text names, 8081 and 8090, one that is taken is
// exchanged in the text.
func TestReadmeCommands(t *testing.T) {
	if os.Getenv("WXDISPATCH_TEST_README") == "" {
		t.Skip("WXDISPATCH_TEST_README=1 runs the README's commands; they need bash, curl and a minute")
	}
	r := &reader{t: t, ports: strings.NewReplacer(moved(t, "8081", "8090")...)}
	t.Cleanup(func() { _ = os.Remove("/tmp/order.json") })
	section := -1
	for _, b := range readPage(t, "README.md").blocks {
		if b.section != section {
			section = b.section
			r.turn()
		}
		r.read(b)
	}
	r.turn()
}

// reader goes through the page as a person with several terminals does.
type reader struct {
	t     *testing.T
	ports *strings.Replacer
	vars  []string // WXDISPATCH_REDIS_ADDRS and such, for this section
	env   string   // the run: env blocks so far
	stays []*terminal
}

// turn ends what a section started, last first, and gives the next one ports
// of its own.
func (r *reader) turn() {
	for i := len(r.stays) - 1; i >= 0; i-- {
		r.stays[i].end()
	}
	r.stays = nil
	r.vars = []string{"WXDISPATCH_REDIS_ADDRS=" + freeAddr(r.t), "WXDISPATCH_WORKER_LISTEN=" + freeAddr(r.t)}
}

func (r *reader) read(b block) {
	r.t.Helper()
	text := r.ports.Replace(b.text)
	switch stays := staysUntil.FindStringSubmatch(b.mark); {
	case b.mark == "":
	case b.lang != "sh":
		r.t.Fatalf("README.md:%d: %q stands before a block that is not sh", b.line, b.mark)
	case b.mark == "run: env":
		r.env += text
	case b.mark == "run: redis":
		addr := redistest.Server(r.t, "--appendonly", "yes", "--appendfsync", "always")
		r.vars[0] = "WXDISPATCH_REDIS_ADDRS=" + addr
	case b.mark == "run":
		r.open(text).succeeds(b)
	case stays != nil:
		terminal := r.open(text)
		r.stays = append(r.stays, terminal)
		terminal.says(b, stays[1])
	default:
		r.t.Fatalf("README.md:%d: nobody knows the mark %q", b.line, b.mark)
	}
}

// open runs text in a shell of its own, with all that the section exports. The
// address of the API follows the text's.
func (r *reader) open(text string) *terminal {
	r.t.Helper()
	term := &terminal{t: r.t, gone: make(chan struct{})}
	term.cmd = exec.Command("bash", "-euo", "pipefail", "-c", r.env+text)
	term.cmd.Env = append(ownEnviron(), r.vars...)
	term.cmd.Env = append(term.cmd.Env, "WXDISPATCH_API_LISTEN="+r.ports.Replace("127.0.0.1:8081"))
	term.cmd.Stdout, term.cmd.Stderr = &term.out, &term.out
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := term.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(term.end)
	go func() {
		term.err = term.cmd.Wait()
		close(term.gone)
	}()
	return term
}

// ownEnviron is the environment without wxdispatch's variables.
func ownEnviron() []string {
	var kept []string
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "WXDISPATCH_") {
			kept = append(kept, line)
		}
	}
	return kept
}

// terminal is a shell with what it started, a process group of its own.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  output
	gone chan struct{}
	err  error // after gone
}

func (term *terminal) succeeds(b block) {
	term.t.Helper()
	select {
	case <-term.gone:
	case <-time.After(commandTime):
		term.end()
		term.t.Fatalf("README.md:%d does not end:\n%s%s", b.line, b.text, term.out.text())
	}
	if term.err != nil {
		term.t.Fatalf("README.md:%d: %v\n%s%s", b.line, term.err, b.text, term.out.text())
	}
	term.t.Logf("README.md:%d\n%s%s", b.line, b.text, term.out.text())
}

// says waits until the program has written words.
func (term *terminal) says(b block, words string) {
	term.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), commandTime)
	defer cancel()
	for {
		news := term.out.news()
		if strings.Contains(term.out.text(), words) {
			break
		}
		select {
		case <-news:
		case <-term.gone:
			term.t.Fatalf("README.md:%d ended before it said %q: %v\n%s", b.line, words, term.err, term.out.text())
		case <-ctx.Done():
			term.t.Fatalf("README.md:%d never said %q:\n%s", b.line, words, term.out.text())
		}
	}
	term.t.Logf("README.md:%d stays\n%s%s", b.line, b.text, term.out.text())
}

// end stops the whole group, go run and its program. The output closes with
// the last process that could write to it, so gone means that all are. Twice
// does no harm.
func (term *terminal) end() {
	group := -term.cmd.Process.Pid
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		select {
		case <-term.gone:
			return
		default:
		}
		_ = syscall.Kill(group, signal)
		select {
		case <-term.gone:
			return
		case <-time.After(endTime):
			term.t.Errorf("did not end within %s of %s:\n%s", endTime, signal, term.out.text())
		}
	}
}

// output is what a terminal shows.
type output struct {
	mu    sync.Mutex
	all   bytes.Buffer
	added chan struct{}
}

func (o *output) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.added != nil {
		close(o.added)
		o.added = nil
	}
	return o.all.Write(data)
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// news is closed when more was written.
func (o *output) news() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.added == nil {
		o.added = make(chan struct{})
	}
	return o.added
}

// moved pairs each port that is taken on this machine with a free one.
func moved(t *testing.T, ports ...string) []string {
	t.Helper()
	var pairs []string
	for _, port := range ports {
		addr := "127.0.0.1:" + port
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			free := freeAddr(t)
			t.Logf("%s is taken; %s is used instead", addr, free)
			pairs = append(pairs, addr, free)
			continue
		}
		_ = listener.Close()
	}
	return pairs
}

func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
