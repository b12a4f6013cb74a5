package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// quick is how long a command may take before it shows that it is alive.
const quick = 2 * time.Second

// progress counts on standard error, on a terminal only, and only for what is
// not quick.
type progress struct {
	p       *program
	what    string
	visible bool
	started time.Time
	count   int
	bar     *progressbar.ProgressBar
}

func (p *program) newProgress(what string) *progress {
	return &progress{p: p, what: what, visible: isTerminal(p.stderr), started: time.Now()}
}

// step counts one.
func (g *progress) step() {
	g.count++
	g.show()
}

// show tells that the program is alive; what is quick shows nothing.
func (g *progress) show() {
	if !g.visible || g.bar == nil && time.Since(g.started) < quick {
		return
	}
	if g.bar == nil {
		g.bar = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(g.p.stderr), progressbar.OptionSetDescription(g.what),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionClearOnFinish())
	}
	_ = g.bar.Set(g.count)
}

// close takes the bar off the screen.
func (g *progress) close() {
	if g.bar != nil {
		_ = g.bar.Finish()
	}
}
