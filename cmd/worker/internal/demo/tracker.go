package demo

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// tracker shows how many messages have ended: a bar on a terminal, a line
// every two seconds elsewhere.
type tracker struct {
	total int
	bar   *progressbar.ProgressBar
	out   io.Writer
	last  time.Time
}

func track(total int, out io.Writer) *tracker {
	t := &tracker{total: total, out: out, last: time.Now()}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		t.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
			progressbar.OptionSetDescription("ended"), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(40))
	}
	return t
}

func (t *tracker) ended(n int) {
	if t.bar != nil {
		_ = t.bar.Set(n)
		return
	}
	if time.Since(t.last) >= 2*time.Second || n == t.total {
		t.last = time.Now()
		fmt.Fprintf(t.out, "%d of %d messages have ended\n", n, t.total)
	}
}

func (t *tracker) close() {
	if t.bar != nil {
		_ = t.bar.Finish()
	}
}
