package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// gauge is a figure that a soak looks at again and again.
type gauge struct {
	id, name, unit string
	slack          float64 // what it may grow by in any case, in its unit
	judged         bool
}

// gauges are all of them, in the order of the table.
func gauges() []gauge {
	return []gauge{
		{"worker.rss", "worker: memory", "MB", 3, true},
		{"worker.goroutines", "worker: goroutines", "", 20, true},
		{"worker.files", "worker: open files and connections", "", 10, true},
		{"serve.rss", "serve: memory", "MB", 3, true},
		{"serve.goroutines", "serve: goroutines", "", 20, true},
		{"serve.files", "serve: open files and connections", "", 10, true},
		{"redis.clients", "Redis: connections", "", 10, true},
		{"redis.level", "Redis: memory but for the three below", "MB", 3, true},
		{"redis.indexes", "Redis: indexes by user and msgid, a day and more", "MB", 0, false},
		{"redis.signatures", "Redis: signatures of pushes, 21 minutes", "MB", 0, false},
		{"redis.events", "Redis: events, 1,000,000 an account", "MB", 0, false},
		{"redis.rss", "Redis: memory as the kernel sees it", "MB", 0, false},
		{"backlog", "messages that wait", "", 0, false},
		{"rate", "messages sent", "a second", 0, false},
	}
}

// moment is what was seen at one time.
type moment struct {
	At      float64            `json:"at_s"` // since the first message
	Figures map[string]float64 `json:"figures"`
	Fed     fed                `json:"producer"`
	WeChat  tallied            `json:"wechat"`
	Joined  int                `json:"receipts_worked_on"`
	Ended   map[string]int     `json:"ended"` // messages by their final state before a receipt, as the worker counts
}

// watcher looks at a soak.
type watcher struct {
	*soakStand
	scraper scraper
	begun   time.Time
	last    moment
}

// look sees how things stand now.
func (w *watcher) look(ctx context.Context) (moment, error) {
	now := time.Now()
	m := moment{At: now.Sub(w.begun).Seconds(), Figures: map[string]float64{}}
	if err := w.feed.ask("far", &m.Fed); err != nil {
		return m, err
	}
	if err := w.wechat.ask("tally", &m.WeChat); err != nil {
		return m, err
	}
	if err := w.lookAtPrograms(ctx, &m); err != nil {
		return m, err
	}
	if err := w.lookAtRedis(ctx, &m, now); err != nil {
		return m, err
	}
	if m.At > w.last.At {
		m.Figures["rate"] = float64(m.WeChat.Deliveries-w.last.WeChat.Deliveries) / (m.At - w.last.At)
	}
	w.last = m
	return m, nil
}

const mega = 1e6

func (w *watcher) lookAtPrograms(ctx context.Context, m *moment) error {
	for name, base := range map[string]string{"worker": w.at.worker, "serve": w.at.serve} {
		seen, err := w.scraper.read(ctx, base)
		if err != nil {
			return fmt.Errorf("metrics of %s: %w", name, err)
		}
		m.Figures[name+".rss"] = seen["process_resident_memory_bytes"] / mega
		m.Figures[name+".goroutines"] = seen["go_goroutines"]
		m.Figures[name+".files"] = seen["process_open_fds"]
		if name != "worker" {
			continue
		}
		m.Joined = int(seen["wxdispatch_receipts_total"])
		m.Ended = map[string]int{}
		for _, state := range message.States() {
			if n := seen["wxdispatch_messages_total/"+string(state)]; n > 0 {
				m.Ended[string(state)] = int(n)
			}
		}
	}
	return nil
}

func (w *watcher) lookAtRedis(ctx context.Context, m *moment, now time.Time) error {
	text, err := w.client.Info(ctx, "memory", "clients").Result()
	if err != nil {
		return err
	}
	told := map[string]float64{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		var n float64
		if _, err := fmt.Sscan(value, &n); err == nil {
			told[name] = n
		}
	}
	h, err := heldBy(ctx, w.client, w.cast, w.begun, now)
	if err != nil {
		return err
	}
	backlog, err := waiting(ctx, w.client, w.cast)
	m.Figures["redis.clients"] = told["connected_clients"]
	m.Figures["redis.level"] = (told["used_memory"] - h.all()) / mega
	m.Figures["redis.indexes"], m.Figures["redis.signatures"], m.Figures["redis.events"] = h.Indexes/mega, h.Signatures/mega, h.Events/mega
	m.Figures["redis.rss"] = told["used_memory_rss"] / mega
	m.Figures["backlog"] = float64(backlog)
	return err
}

// words are a line of progress.
func (m moment) words() string {
	f := m.Figures
	return fmt.Sprintf("%4.0f s  handed over %d, sent %d (%.0f a second), receipts %d; worker %.0f MB, %.0f goroutines, %.0f files; serve %.0f MB; Redis %.0f MB and %.0f held, %.0f connections",
		m.At, m.Fed.Handed, m.WeChat.Deliveries, f["rate"], m.Joined, f["worker.rss"], f["worker.goroutines"], f["worker.files"],
		f["serve.rss"], f["redis.level"], f["redis.indexes"]+f["redis.signatures"]+f["redis.events"], f["redis.clients"])
}
