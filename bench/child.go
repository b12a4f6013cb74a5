package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
)

// childWord is the first argument of this program when it runs a part. The next
// two are the part's name and its order as JSON.
const childWord = "child"

// part is what a child process is.
type part interface {
	// answer replies to one line of the parent's.
	answer(question string) (any, error)
	// stop ends the part and waits for what runs.
	stop() error
}

// parts start a part from its order; log is where it may write.
var parts = map[string]func(order []byte, log io.Writer) (part, error){
	"wechat":     newStandIn,
	"bare":       newBare,
	"wxdispatch": newOurs,
	"serve":      newServing,
	"feed":       newFeed,
	"hook":       newHook,
}

// scenery are the parts that are not measured, but run on the same processors:
// they have memory for time.
var scenery = []string{"wechat", "feed", "hook"}

const sceneryGC = 400

// reply is a line from a child to its parent.
type reply struct {
	Answer any    `json:"answer,omitempty"`
	Error  string `json:"error,omitempty"`
}

// child runs one part: a line when it is ready, then a line for each line that
// it reads, until there are no more. It returns the exit code.
func child(args []string, in io.Reader, out, log io.Writer) int {
	if len(args) != 2 || parts[args[0]] == nil {
		fmt.Fprintln(log, "bench: child PART ORDER is how bench starts itself; see bench --help")
		return exitUsage
	}
	if slices.Contains(scenery, args[0]) {
		debug.SetGCPercent(sceneryGC)
	}
	lines := json.NewEncoder(out)
	p, err := parts[args[0]]([]byte(args[1]), log)
	if err != nil {
		_ = lines.Encode(reply{Error: err.Error()})
		return exitFault
	}
	_ = lines.Encode(reply{})
	for questions := bufio.NewScanner(in); questions.Scan(); {
		answer, err := p.answer(questions.Text())
		r := reply{Answer: answer}
		if err != nil {
			r = reply{Error: err.Error()}
		}
		if lines.Encode(r) != nil {
			break // the parent is gone
		}
	}
	if err := p.stop(); err != nil {
		fmt.Fprintln(log, err)
		return exitFault
	}
	return exitOK
}
