package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"time"

	"wxdispatch/internal/fault"
)

// watchEvery is how often the files are looked at. A change is taken up once two
// looks agree: a file that is just being written is not.
const watchEvery = time.Second

// Watch looks at what a configuration was read from, the files behind …_file
// keys included, until ctx ends, and hands each change that is whole and valid to
// apply, within 5 s. What cannot be read, is a mistake, or is refused by apply
// changes nothing and is told in the log once, with every mistake; it is tried
// again until it can be taken over. current is what holds now.
//
// It looks at contents: a mounted secret of Kubernetes changes by a symbolic
// link, which notifications of the file system do not tell of.
func Watch(ctx context.Context, opts Options, current *Config, apply func(context.Context, *Config) error, log *slog.Logger) {
	w := &watcher{opts: opts, current: current, apply: apply, log: log}
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			w.look(ctx)
		}
	}
}

type watcher struct {
	opts    Options
	current *Config
	files   []string // that the last look read
	apply   func(context.Context, *Config) error
	log     *slog.Logger
	settled [sha256.Size]byte // what current was read from
	last    [sha256.Size]byte // at the last look
	told    string            // the mistakes that were told; empty: the last change was taken over
}

// look is one look.
func (w *watcher) look(ctx context.Context) {
	now := w.print()
	stable := now == w.last
	w.last = now
	if !stable || now == w.settled && w.told == "" {
		return
	}
	next, files, err := read(w.opts)
	w.files = files
	if err == nil && !reflect.DeepEqual(next, w.current) {
		if err = w.apply(ctx, next); err == nil {
			w.log.Info("the configuration was taken over", slog.String("file", next.File))
		}
	}
	if err != nil {
		w.tell(err)
		return
	}
	w.current, w.settled, w.told = next, now, ""
}

// tell tells each mistake of a change that is not taken over, once.
func (w *watcher) tell(err error) {
	words := []string{err.Error()}
	var f *fault.Error
	if errors.As(err, &f) && len(f.Fields) > 0 {
		words = nil
		for _, field := range f.Fields {
			words = append(words, field.String())
		}
	}
	if text := fmt.Sprint(words); text != w.told {
		w.told = text
		w.log.Error("the configuration changed and is not taken over; what was before holds", slog.Any("mistakes", words))
	}
}

// print is the content of all files that matter, in short.
func (w *watcher) print() [sha256.Size]byte {
	h := sha256.New()
	for _, file := range append([]string{findFile(w.opts)}, w.files...) {
		text, err := os.ReadFile(file)
		_, _ = fmt.Fprintf(h, "%q %d %t\n", file, len(text), err == nil)
		_, _ = h.Write(text)
	}
	return [sha256.Size]byte(h.Sum(nil))
}
