package store

import (
	"context"
	_ "embed" // the script
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/done.lua
var doneSource string

var doneScript = redis.NewScript(doneSource)

// errNotFound is what asynq's own script answers of a task that is not there.
var errNotFound = errors.New("NOT FOUND")

// dones are asynq's questions to take tasks of one queue out that are done, which
// go as one run of a script.
type dones struct {
	cmds []*redis.Cmd // each as asynq asked
	run  *redis.Cmd
}

// doneKeys and doneArgs are where asynq's script has them, behind the name, the
// hash and the number of keys.
const (
	doneActive, doneLease, doneTask, doneDay, doneTotal = 3, 4, 5, 6, 7
	doneID, doneExpire, doneMost                        = 8, 9, 10
	doneWords                                           = 11
)

// isDone tells by its keys and arguments whether a question is the one that takes
// a task out that is done (asynq's internal/rdb, Done, of a task that is not
// unique).
func isDone(cmd *redis.Cmd) bool {
	words := cmd.Args()
	if len(words) != doneWords {
		return false
	}
	for i, part := range [...]string{":active", ":lease", ":t:", ":processed:", ":processed"} {
		key, ok := words[doneActive+i].(string)
		if !ok || !strings.Contains(key, part) {
			return false
		}
	}
	return true
}

// together tells whether two questions are of one queue and day.
func (d dones) together(cmd *redis.Cmd) bool {
	first, words := d.cmds[0].Args(), cmd.Args()
	for _, place := range [...]int{doneActive, doneDay, doneExpire, doneMost} {
		if first[place] != words[place] {
			return false
		}
	}
	return true
}

// gathered puts a question to those of its queue.
func gathered(all []*dones, cmd *redis.Cmd) []*dones {
	for _, d := range all {
		if d.together(cmd) {
			d.cmds = append(d.cmds, cmd)
			return all
		}
	}
	return append(all, &dones{cmds: []*redis.Cmd{cmd}})
}

// keysAndArgs are those of done.lua.
func (d dones) keysAndArgs() (keys []string, args []any) {
	first := d.cmds[0].Args()
	for _, place := range [...]int{doneActive, doneLease, doneDay, doneTotal} {
		keys = append(keys, first[place].(string))
	}
	args = []any{first[doneExpire], first[doneMost]}
	for _, cmd := range d.cmds {
		words := cmd.Args()
		keys, args = append(keys, words[doneTask].(string)), append(args, words[doneID])
	}
	return keys, args
}

// send puts the run into a pipeline.
func (d *dones) send(ctx context.Context, pipe redis.Pipeliner) {
	keys, args := d.keysAndArgs()
	d.run = doneScript.EvalSha(ctx, pipe, keys, args...)
}

// answer gives each question its answer. A Redis that does not know the script yet
// learns it.
func (d *dones) answer(ctx context.Context, client redis.Scripter) {
	list, err := d.run.Slice()
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		keys, args := d.keysAndArgs()
		list, err = doneScript.Eval(ctx, client, keys, args...).Slice()
	}
	if err == nil && len(list) != len(d.cmds) {
		err = fmt.Errorf("a script answered for %d tasks, not for %d", len(list), len(d.cmds))
	}
	for i, cmd := range d.cmds {
		switch {
		case err != nil:
			cmd.SetErr(err)
		case list[i] == int64(1):
			cmd.SetVal("OK")
		default:
			cmd.SetErr(errNotFound)
		}
	}
}
