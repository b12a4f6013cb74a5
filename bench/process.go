package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// patience is how long a process may take to end before it is killed.
const patience = 20 * time.Second

// process is one that was started here.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string // the file that it writes its words to
	in   io.WriteCloser
	out  *json.Decoder
}

// launch starts a program that ends with ctx, and with this one however that
// ends.
func launch(ctx context.Context, dir, name, path string, args ...string) (*process, error) {
	p := &process{name: name, log: filepath.Join(dir, name+".log")}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.CommandContext(ctx, path, args...)
	p.cmd.Dir, p.cmd.Stderr, p.cmd.SysProcAttr = dir, log, tied()
	out, err1 := p.cmd.StdoutPipe()
	in, err2 := p.cmd.StdinPipe()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	p.in, p.out = in, json.NewDecoder(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s did not start: %w", name, err)
	}
	return p, nil
}

// spawn starts a part of this program and returns when it is ready.
func spawn(ctx context.Context, dir, name, role string, order any) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	p, err := launch(ctx, dir, name, self, childWord, role, string(text))
	if err != nil {
		return nil, err
	}
	if err := p.hear(nil); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// ask puts a question and reads the answer into into.
func (p *process) ask(question string, into any) error {
	if _, err := fmt.Fprintln(p.in, question); err != nil {
		return p.lost(err)
	}
	return p.hear(into)
}

func (p *process) hear(into any) error {
	var r struct {
		Answer json.RawMessage
		Error  string
	}
	if err := p.out.Decode(&r); err != nil {
		return p.lost(err)
	}
	if r.Error != "" {
		return fmt.Errorf("%s: %s", p.name, r.Error)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(r.Answer, into)
}

// lost tells of a process that does not answer, with its last words.
func (p *process) lost(err error) error {
	return fmt.Errorf("%s does not answer: %w\n%s", p.name, err, tail(p.log))
}

func tail(file string) []byte {
	text, _ := os.ReadFile(file)
	return bytes.TrimSpace(text[max(0, len(text)-2000):])
}

// stop ends a part by the end of its input, any other process by a signal, and
// waits until it is gone.
func (p *process) stop() {
	_ = p.in.Close()
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait()
}

// end ends a process that reads nothing.
func (p *process) end() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	p.stop()
}
