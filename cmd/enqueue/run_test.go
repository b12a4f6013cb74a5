package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9/logging"
)

func TestMain(m *testing.M) {
	logging.Disable() // as main does
	if args := os.Getenv(asProcess); args != "" {
		os.Exit(run(context.Background(), strings.Fields(args), os.Stdin, os.Stdout, os.Stderr, os.Environ()))
	}
	goleak.VerifyTestMain(m)
}

// asProcess makes the tests' binary the program itself, so that one can be
// killed: its value is the arguments.
const asProcess = "ENQUEUE_TEST_ARGS"

// shell runs the program as a user does, with a configuration of its own.
type shell struct {
	t       *testing.T
	environ []string
}

// newShell is a shell whose Redis is at addr; shop and mini are configured.
func newShell(t *testing.T, addr string) *shell {
	return &shell{t, []string{
		"WXDISPATCH_REDIS_ADDRS=" + addr,
		"WXDISPATCH_ACCOUNTS_SHOP_TYPE=official", "WXDISPATCH_ACCOUNTS_MINI_TYPE=miniprogram",
	}}
}

func miniShell(t *testing.T) *shell { return newShell(t, miniredis.RunT(t).Addr()) }

// ran is what a user sees.
type ran struct {
	t        *testing.T
	code     int
	out, err string
}

func (s *shell) run(stdin string, args ...string) ran {
	s.t.Helper()
	var out, err bytes.Buffer
	code := run(s.t.Context(), args, strings.NewReader(stdin), &out, &err, s.environ)
	return ran{s.t, code, out.String(), err.String()}
}

func (r ran) exits(code int) ran {
	r.t.Helper()
	if r.code != code {
		r.t.Errorf("exit code %d, want %d\nstdout: %s\nstderr: %s", r.code, code, r.out, r.err)
	}
	return r
}

// says asks that each text stands on standard error.
func (r ran) says(texts ...string) ran {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.err, text) {
			r.t.Errorf("standard error does not say %q:\n%s", text, r.err)
		}
	}
	return r
}

// shows asks for these texts on standard output.
func (r ran) shows(texts ...string) ran {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.out, text) {
			r.t.Errorf("standard output does not show %q:\n%s", text, r.out)
		}
	}
	return r
}

// prints asks for exactly this on standard output.
func (r ran) prints(want string) ran {
	r.t.Helper()
	if r.out != want {
		r.t.Errorf("standard output is\n%s\nwant\n%s", r.out, want)
	}
	return r
}

// lines reads standard output as JSON lines.
func (r ran) lines() []map[string]any {
	r.t.Helper()
	var all []map[string]any
	for _, text := range strings.Split(strings.TrimSuffix(r.out, "\n"), "\n") {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			r.t.Fatalf("%q is no JSON line: %v", text, err)
		}
		all = append(all, line)
	}
	return all
}

func order(id, value string) string {
	return fmt.Sprintf(`{"id":%q,"account":"shop","kind":"template","body":{"touser":"oUser","template_id":"tpl","data":{"k":{"value":%q}}}}`, id, value)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHelpAndUsage(t *testing.T) {
	s := miniShell(t)
	for _, command := range []string{"send", "status", "find", "cancel", "failed", "replay", "resolve"} {
		if got := s.run("", command, "--help").exits(exitOK); !strings.Contains(got.out, "Examples:\n  enqueue "+command) {
			t.Errorf("the help of %s has no example:\n%s", command, got.out)
		}
	}
	s.run("").exits(exitUsage).says("Available Commands", "a command is missing")
	s.run("", "sned").exits(exitUsage).says(`unknown command "sned"`, "send")
	s.run("", "send", "--colour").exits(exitUsage).says("unknown flag: --colour", "enqueue send --help")
	s.run("", "send", "missing.json").exits(exitUsage).says("missing.json", "nothing was done")
	s.run("", "send", t.TempDir()).exits(exitUsage).says("is a folder")
	s.run("", "send", "-", "-").exits(exitUsage).says("read once only")
	s.run("", "send", "--id", "a", "-").exits(exitUsage).says("found --id beside files")
	s.run("", "send", "--print", "--wait", "1s").exits(exitUsage).says("nothing to --wait for")
	s.run("", "send", "--wait", "-1s").exits(exitUsage).says("give a duration")
	s.run("", "status", "shop").exits(exitUsage).says("write enqueue status ACCOUNT ID…")
	s.run("", "status", "Shop", "a").exits(exitUsage).says(`found the account "Shop"`)
}

func TestConfigurationMistakes(t *testing.T) {
	s := miniShell(t)
	file := write(t, "c.yaml", "redis: {mode: sometimes}\nlogg: 1\n")
	s.run(order("a", "b"), "send", "--config", file).exits(exitUsage).says("redis.mode", "logg")
	s.environ = append(s.environ, "WXDISPATCH_REDIS_ADRS=x")
	s.run(order("a", "b"), "send").exits(exitUsage).says("WXDISPATCH_REDIS_ADRS")
}
