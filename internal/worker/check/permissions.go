package check

import (
	"context"
	"fmt"
	"strings"
)

// tries are commands that change nothing, for what a user must be allowed: keys
// that are not there are looked at and deleted, and a script does nothing.
func tries() (list [][]any) {
	for _, key := range []string{"wxd:accounts:none", "wxd:{}:none", "asynq:none", "asynq:{none}:none"} {
		list = append(list, []any{"eval", "return 0", 1, key})
	}
	const key = "wxd:{}:none"
	return append(list, []any{"del", key}, []any{"get", key}, []any{"hdel", key, "x"}, []any{"hgetall", key}, []any{"zrem", key, "x"},
		[]any{"zrange", key, 0, 0}, []any{"srem", key, "x"}, []any{"xrange", key, "-", "+"}, []any{"xdel", key, "0-1"},
		[]any{"lrange", key, 0, 0}, []any{"ltrim", key, 0, 0}, []any{"evalsha", "0", 1, key}, []any{"script", "exists", "0"},
		[]any{"publish", "wxd:{}:none", ""}, []any{"wait", 0, 1})
}

// permissions tells what the user of the configuration may not do, and is
// silent when it may do all that is tried.
func permissions(ctx context.Context, s Server) []Result {
	var denied []string
	for _, args := range tries() {
		err := s.Try(ctx, args...)
		if err == nil || !strings.Contains(err.Error(), "NOPERM") {
			continue
		}
		what := strings.ToUpper(fmt.Sprint(args[0]))
		if text := err.Error(); strings.Contains(text, "key") || strings.Contains(text, "channel") {
			what += fmt.Sprintf(" on %v", args[min(len(args)-1, place(args))])
		}
		denied = append(denied, what)
	}
	if len(denied) == 0 {
		return nil
	}
	return []Result{{Name: "redis permissions", Level: Fail, Words: "this user may not: " + strings.Join(denied, ", "),
		Do: "ACL SETUSER as docs/redis.md has it"}}
}

// place is where a command's key stands.
func place(args []any) int {
	if strings.HasPrefix(args[0].(string), "eval") {
		return 3
	}
	return 1
}
