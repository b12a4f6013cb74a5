package config

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
)

// changing is a configuration on disk that changes under a watcher.
type changing struct {
	t       *testing.T
	dir     string
	w       *watcher
	logs    bytes.Buffer
	applied []*Config
	refuse  error
}

const account = "accounts: {shop: {type: official, appid: wx1, secret_file: secret, rate: RATE}}"

func newChanging(t *testing.T) *changing {
	c := &changing{t: t, dir: t.TempDir()}
	c.write("secret", "first")
	c.write("config.yaml", strings.Replace(account, "RATE", "10", 1))
	opts := Options{Dir: c.dir}
	cfg, err := Load(opts)
	if err != nil {
		t.Fatal(err)
	}
	c.w = &watcher{opts: opts, current: cfg, log: slog.New(slog.NewTextHandler(&c.logs, nil)), apply: func(_ context.Context, cfg *Config) error {
		if c.refuse == nil {
			c.applied = append(c.applied, cfg)
		}
		return c.refuse
	}}
	return c
}

func (c *changing) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// looks looks so often and answers how many configurations were handed over.
func (c *changing) looks(n int) int {
	before := len(c.applied)
	for range n {
		c.w.look(c.t.Context())
	}
	return len(c.applied) - before
}

func (c *changing) latest() Account { return c.applied[len(c.applied)-1].Accounts["shop"] }

func TestAChangeIsTakenUpOnceItStands(t *testing.T) {
	c := newChanging(t)
	if n := c.looks(5); n > 0 {
		t.Fatalf("nothing changed, and %d were handed over", n)
	}
	c.write("config.yaml", strings.Replace(account, "RATE", "20", 1))
	if c.looks(1) != 0 || c.looks(1) != 1 || c.looks(5) != 0 || c.latest().Rate != 20 {
		t.Fatalf("a changed file: %d handed over, want one, at the second look", len(c.applied))
	}
	c.write("secret", "second")
	if c.looks(3) != 1 || c.latest().Secret.Reveal() != "second" {
		t.Fatal("the file behind secret_file changed, and nothing was handed over")
	}
	c.write("config.yaml", "# a comment\n"+strings.Replace(account, "RATE", "20", 1))
	if c.looks(3) != 0 {
		t.Fatal("what means the same was handed over")
	}
}

func TestABadFileChangesNothingAndIsToldOnce(t *testing.T) {
	c := newChanging(t)
	c.write("config.yaml", "accounts: {shop: {type: official, rate: 0, burst: 0, secret_file: other}}")
	if c.looks(5) != 0 {
		t.Fatal("a bad file was handed over")
	}
	text := c.logs.String()
	if strings.Count(text, "not taken over") != 1 || !strings.Contains(text, "accounts.shop.rate") ||
		!strings.Contains(text, "accounts.shop.burst") || !strings.Contains(text, "secret_file") {
		t.Fatalf("want every mistake, once:\n%s", text)
	}
	// What was missing comes, and the file itself stays as it is but for its numbers.
	c.write("config.yaml", "accounts: {shop: {type: official, secret_file: other}}")
	c.looks(3)
	c.write("other", "third")
	if c.looks(3) != 1 || c.latest().Secret.Reveal() != "third" {
		t.Fatal("the missing file came, and nothing was handed over")
	}
	if strings.Contains(c.logs.String(), "third") || strings.Contains(c.logs.String(), "first") {
		t.Fatal("a secret stands in the log")
	}
}

func TestWhatIsRefusedIsTriedAgain(t *testing.T) {
	c := newChanging(t)
	c.refuse = &fault.Error{Op: "test", Class: fault.Unavailable, Message: "Redis is away"}
	c.write("config.yaml", strings.Replace(account, "RATE", "30", 1))
	c.looks(4)
	c.refuse = nil
	if c.looks(1) != 1 || c.latest().Rate != 30 {
		t.Fatal("what could not be taken over was forgotten")
	}
}
