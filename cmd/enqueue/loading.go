package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"

	"wxdispatch/internal/bulk"
)

// loading shows how far a load is: a bar with rows, rate and time left on a
// terminal, else a line now and then. What is quick shows nothing.
type loading struct {
	p       *program
	size    int64 // of the file; 0: not known
	visible bool
	started time.Time
	told    time.Time
	bar     *progressbar.ProgressBar
}

func (p *program) newLoading(size int64) *loading {
	now := time.Now()
	return &loading{p: p, size: size, visible: isTerminal(p.stderr), started: now, told: now}
}

func (l *loading) show(done bulk.Progress) {
	since := time.Since(l.started)
	if since < quick {
		return
	}
	rate := float64(done.Rows) / since.Seconds()
	if !l.visible {
		if time.Since(l.told) < quick {
			return
		}
		l.told = time.Now()
		l.p.tell("%s", l.line(done, rate, since))
		return
	}
	if l.bar == nil {
		most := l.size
		if most == 0 {
			most = -1
		}
		l.bar = progressbar.NewOptions64(most, progressbar.OptionSetWriter(l.p.stderr),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetSpinnerChangeInterval(0),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
	}
	l.bar.Describe(fmt.Sprintf("%s rows, %s/s", grouped(done.Rows), grouped(int(rate))))
	_ = l.bar.Set64(done.Bytes)
}

// line says it in words.
func (l *loading) line(done bulk.Progress, rate float64, since time.Duration) string {
	text := fmt.Sprintf("%s rows, %s a second, %s refused", grouped(done.Rows), grouped(int(rate)), grouped(done.Refused))
	if l.size == 0 || done.Bytes == 0 {
		return text
	}
	part := float64(done.Bytes) / float64(l.size)
	left := time.Duration(float64(since) * (1 - part) / part)
	return fmt.Sprintf("%s, %.0f %%, %s left", text, 100*part, left.Round(time.Second))
}

func (l *loading) close() {
	if l.bar != nil {
		_ = l.bar.Finish()
	}
}
