package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// quick is how long a command may take before it shows that it is alive.
const quick = 2 * time.Second

// progress counts on standard error, and only for what is not quick: with a bar
// on a terminal, else, when it is asked for, with a line now and then.
type progress struct {
	p       *program
	what    string
	visible bool
	total   int  // 0: not known
	plain   bool // lines where there is no terminal
	started time.Time
	told    time.Time // the last line
	count   int
	bar     *progressbar.ProgressBar
}

func (p *program) newProgress(what string) *progress {
	return &progress{p: p, what: what, visible: isTerminal(p.stderr), started: time.Now()}
}

// newCount is progress towards a total, or 0 when that is not known, that also
// shows where there is no terminal.
func (p *program) newCount(what string, total int) *progress {
	g := p.newProgress(what)
	g.total, g.plain, g.told = total, true, g.started
	return g
}

// step counts one.
func (g *progress) step() {
	g.count++
	g.show()
}

// show tells that the program is alive; what is quick shows nothing.
func (g *progress) show() {
	if !g.visible {
		g.line()
		return
	}
	if g.bar == nil && time.Since(g.started) < quick {
		return
	}
	if g.bar == nil {
		g.bar = progressbar.NewOptions(g.most(),
			progressbar.OptionSetWriter(g.p.stderr), progressbar.OptionSetDescription(g.what),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionClearOnFinish())
	}
	_ = g.bar.Set(g.count)
}

func (g *progress) most() int {
	if g.total > 0 {
		return g.total
	}
	return -1
}

// line tells the count once in a while.
func (g *progress) line() {
	if !g.plain || time.Since(g.told) < quick {
		return
	}
	g.told = time.Now()
	if g.count > g.total { // not known, or guessed too low
		g.p.tell("%d %s", g.count, g.what)
		return
	}
	g.p.tell("%d of %d %s", g.count, g.total, g.what)
}

// close takes the bar off the screen.
func (g *progress) close() {
	if g.bar != nil {
		_ = g.bar.Finish()
	}
}
