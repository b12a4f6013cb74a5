package topology_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"wxdispatch/internal/config"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/worker/check"
)

const password = "p4ssword-of-the-user"

// line is the ACL of docs/redis.md.
func line(t *testing.T) []any {
	text, err := os.ReadFile("../docs/redis.md")
	must(t, err)
	for l := range strings.Lines(string(text)) {
		if strings.HasPrefix(l, "ACL SETUSER") {
			var args []any
			for _, word := range strings.Fields(strings.Replace(l, "PASSWORD", password, 1)) {
				args = append(args, word)
			}
			return args
		}
	}
	t.Fatal("docs/redis.md has no ACL line")
	return nil
}

// TestAUserWithFewRights: all works with the user of docs/redis.md, and what is
// taken from it is named.
func TestAUserWithFewRights(t *testing.T) {
	addr := redistest.Server(t)
	root := redistest.Client(t, addr)
	must(t, root.Do(t.Context(), line(t)...).Err())
	s := newStage(t, config.Redis{Mode: config.Single, Addrs: []string{addr}, Username: "wxdispatch", Password: password})
	o := check.Options{Config: &s.cfg, Redis: check.NewRedis(s.client())}
	missing := func() string {
		t.Helper()
		all := check.Store(t.Context(), o)
		if i := slices.IndexFunc(all, func(r check.Result) bool { return r.Name == "redis permissions" }); i >= 0 {
			return all[i].Words
		}
		return ""
	}
	if words := missing(); words != "" {
		t.Fatal(words)
	}
	s.work()
	s.everything()
	for _, c := range []struct{ take, give, words string }{
		{"-eval", "+eval", "EVAL"}, {"-publish", "+publish", "PUBLISH"}, {"-zrem", "+zrem", "ZREM"},
	} {
		must(t, root.Do(t.Context(), "ACL", "SETUSER", "wxdispatch", c.take).Err())
		if words := missing(); !strings.Contains(words, c.words) {
			t.Errorf("%s: told %q, want %s", c.take, words, c.words)
		}
		must(t, root.Do(t.Context(), "ACL", "SETUSER", "wxdispatch", c.give).Err())
	}
	must(t, root.Do(t.Context(), "ACL", "SETUSER", "wxdispatch", "resetkeys", "~wxd:*").Err())
	if words := missing(); !strings.Contains(words, "EVAL on asynq:{none}:none") {
		t.Errorf("without asynq's keys: told %q", words)
	}
	must(t, root.Do(t.Context(), "ACL", "SETUSER", "wxdispatch", "~asynq:*").Err())
}
