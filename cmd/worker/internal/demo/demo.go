// Package demo is `worker demo`: the whole of wxdispatch on one machine,
// without Redis or WeChat at hand.
//
// Its promise: it sends real messages through the real worker to the stand-in
// WeChat, and holds what the ledger says of each against what it should say
// and against what the stand-in counted. Nothing is kept when it ends.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"wxdispatch"
	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
	"wxdispatch/internal/worker"
)

// Options say how a demo runs.
type Options struct {
	Messages int            // about how many; at least one of each scene
	Exit     bool           // end by itself
	Config   *config.Config // where Redis and the pages listen; the rest is the demo's own
	Out      io.Writer      // what people read
	Err      io.Writer      // progress
	Log      *slog.Logger
}

// ErrUnexpected says that a message did not end as it should; the report
// named it.
var ErrUnexpected = errors.New("the demo did not end as expected")

// Run runs the demo until ctx ends, or with Exit until each message has ended.
func Run(ctx context.Context, o Options) (err error) {
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{
		{AppID: shopAppID, Secret: "demo", Type: message.Official},
		{AppID: miniAppID, Secret: "demo", Type: message.MiniProgram},
	}})
	if err != nil {
		return err
	}
	defer sim.Close()
	cfg, notes, err := configure(o.Config, sim.URL)
	if err != nil {
		return err
	}
	w, err := worker.New(cfg, o.Log)
	if err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Stop()) }()
	ear, err := hear(cfg, w, sim.Sim, o.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ear.end()) }()
	welcome(o.Out, sim.URL, cfg, w.URL(), notes)

	started := time.Now()
	parts, err := cast(o.Messages, sim.Sim)
	if err != nil {
		return err
	}
	client, err := wxdispatch.New(wxdispatch.Redis(w.Redis()))
	if err != nil {
		return err
	}
	if err := send(ctx, client, parts, sim.Sim, o); err != nil {
		return err
	}
	if err := report(ctx, client, parts, sim.Sim, o.Out, time.Since(started)); err != nil {
		return err
	}
	if o.Exit {
		return nil
	}
	fmt.Fprintf(o.Out, "\nThe web UI stays open at %s/queues/ (bad ends: archived). Ctrl-C ends the demo.\n", w.URL())
	<-ctx.Done()
	return nil
}

// send enqueues every message, expires the tokens half-way, and waits until
// each has ended.
func send(ctx context.Context, client *wxdispatch.Client, parts []part, sim *wechattest.Sim, o Options) error {
	tracker := track(len(parts), o.Err)
	defer tracker.close()
	ends := make(chan error, 1)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go func() { ends <- await(watching, client, parts, tracker) }()
	for i, p := range parts {
		if i == len(parts)/2 {
			sim.ExpireTokens(shopAppID)
		}
		if _, err := client.Send(ctx, p.message); err != nil {
			stop()
			<-ends
			return fmt.Errorf("enqueue %s: %w", p.message.ID, err)
		}
	}
	return <-ends
}
