package token_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat"
	"wxdispatch/internal/wechat/send"
)

// orders is what a process of its own is told to be, in its environment.
const orders = "WXDISPATCH_TEST_TOKEN_PROCESS"

type order struct {
	Name, Redis, WeChat, Mode string
	Skew                      time.Duration // its clock is wrong by so much
	Workers                   int
}

// report answers a command. No token stands in it, only what tells two apart.
type report struct {
	Good   int            // workers that succeeded
	Bad    map[string]int // the others, by class
	Tokens map[string]int // by a digest
}

// process is one process with a token centre and workers that send with it.
// Commands come on standard input, one a line: get (each worker takes a token
// and keeps it), send (each sends a message with the token that it keeps, and
// once more after class token).
type process struct {
	order
	centre *token.Centre
	sender *send.Sender
	kept   []string
	sent   int
}

// runProcess is the whole life of a process that a test started.
func runProcess(text string) error {
	logging.Disable()
	p := &process{}
	if err := json.Unmarshal([]byte(text), &p.order); err != nil {
		return err
	}
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{p.Redis}, ContextTimeoutEnabled: true, PoolSize: 20})
	defer client.Close()
	way, err := wechat.NewClient(wechat.Options{BaseURL: p.WeChat, Concurrency: 100, Timeout: time.Minute})
	if err != nil {
		return err
	}
	grant := wechat.Grant{Mode: wechat.Mode(p.Mode), AppID: "wx1", Secret: "hush"}
	p.centre = token.New(client, wechat.NewTokenSource(way, grant), token.Options{
		Account: "shop", AppID: "wx1", Mode: p.Mode, Forces: grant.Mode == wechat.Stable,
		Now: func() time.Time { return time.Now().Add(p.Skew) },
	})
	defer p.centre.Close()
	p.centre.Start()
	p.sender, p.kept = send.New(way), make([]string, p.Workers)
	answers := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		do := p.get
		if lines.Text() == "send" {
			do = p.send
			p.sent++
		}
		if err := answers.Encode(p.everyWorker(do)); err != nil {
			return err
		}
	}
	return nil
}

// everyWorker lets all workers do something at once.
func (p *process) everyWorker(do func(worker int) error) report {
	var mu sync.Mutex
	var all sync.WaitGroup
	r := report{Bad: map[string]int{}, Tokens: map[string]int{}}
	for worker := range p.kept {
		all.Go(func() {
			err := do(worker)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				r.Bad[string(fault.ClassOf(err))]++
				return
			}
			r.Good++
			sum := sha256.Sum256([]byte(p.kept[worker]))
			r.Tokens[hex.EncodeToString(sum[:6])]++
		})
	}
	all.Wait()
	return r
}

func (p *process) get(worker int) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	p.kept[worker], err = p.centre.Token(ctx)
	return err
}

func (p *process) send(worker int) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	text := fmt.Sprintf(`{"account":"shop","kind":"template","body":{"touser":"o-%s-%d","template_id":"t","data":{"k":{"value":"%d"}}}}`, p.Name, worker, p.sent)
	m, err := message.Decode([]byte(text))
	if err != nil {
		return err
	}
	answer := p.sender.Send(ctx, m, p.kept[worker], fmt.Sprintf("%s-%d-%d", p.Name, worker, p.sent))
	if answer.Class == fault.Token {
		if p.kept[worker], err = p.centre.Refresh(ctx, p.kept[worker]); err != nil {
			return err
		}
		answer = p.sender.Send(ctx, m, p.kept[worker], fmt.Sprintf("%s-%d-%d", p.Name, worker, p.sent))
	}
	if answer.Class != fault.OK {
		return &fault.Error{Op: "send", Class: answer.Class, Message: answer.Message}
	}
	return nil
}

// child is a process as the test that started it sees it.
type child struct {
	t       tester
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *json.Decoder
	ended   chan struct{}
}

// tester is what of a test a child needs.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

func startChild(t tester, o order) *child {
	t.Helper()
	text, _ := json.Marshal(o)
	c := &child{t: t, cmd: exec.Command(os.Args[0]), ended: make(chan struct{})}
	c.cmd.Env = append(os.Environ(), orders+"="+string(text))
	c.cmd.Stderr = os.Stderr
	in, err := c.cmd.StdinPipe()
	out, err2 := c.cmd.StdoutPipe()
	if err := errors.Join(err, err2, c.cmd.Start()); err != nil {
		t.Fatalf("a process does not start: %v", err)
	}
	c.in, c.answers = in, json.NewDecoder(out)
	t.Cleanup(c.kill)
	return c
}

// tell gives a command, and returns before it is carried out.
func (c *child) tell(command string) {
	if _, err := io.WriteString(c.in, command+"\n"); err != nil {
		c.t.Fatalf("a process takes no command: %v", err)
	}
}

func (c *child) report() report {
	c.t.Helper()
	var r report
	if err := c.answers.Decode(&r); err != nil {
		c.t.Fatalf("a process does not answer: %v", err)
	}
	return r
}

func (c *child) does(command string) report {
	c.t.Helper()
	c.tell(command)
	return c.report()
}

// kill ends the process at once (SIGKILL) and waits until it is gone.
func (c *child) kill() {
	select {
	case <-c.ended:
	default:
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
		close(c.ended)
	}
}

// all gives every process the same command at once, and adds up their answers.
func all(children []*child, command string) report {
	for _, c := range children {
		c.tell(command)
	}
	sum := report{Bad: map[string]int{}, Tokens: map[string]int{}}
	for _, c := range children {
		r := c.report()
		sum.Good += r.Good
		for class, n := range r.Bad {
			sum.Bad[class] += n
		}
		for digest, n := range r.Tokens {
			sum.Tokens[digest] += n
		}
	}
	return sum
}

func (r report) String() string {
	var bad []string
	for class, n := range r.Bad {
		bad = append(bad, fmt.Sprintf("%d × %q", n, class))
	}
	return fmt.Sprintf("%d good with %d tokens; bad: %s", r.Good, len(r.Tokens), strings.Join(bad, ", "))
}
