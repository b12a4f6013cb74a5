package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"

	"github.com/spf13/cobra"

	"wxdispatch/internal/config"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/worker/check"
)

// serveCommand is the HTTP API for apps in any language.
func (p *program) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "serves the HTTP API and access_tokens",
		Long: `serve answers the HTTP API on api.listen until SIGTERM or SIGINT, then lets calls
that run end. /openapi.json describes every call; /healthz and /readyz are for
load balancers, /metrics is for Prometheus. The log goes to standard error.

Callers send Authorization: Bearer KEY, with a key that stands in the
configuration under api.keys; without any key every call is refused. Redis may
be away, even at the start: calls are then answered 503 until it is back.

Keys with the scope token take the accounts' access_tokens here, the same that
the workers use, and name one that WeChat refused; the log tells who did.

A change of the configuration file takes effect within 5 s, without a restart.`,
		Example: `  WXDISPATCH_API_KEYS_APP_KEY=0123456789abcdef WXDISPATCH_API_KEYS_APP_SCOPES=send,read,token enqueue serve
  curl -H 'Authorization: Bearer 0123456789abcdef' -d @order.json http://127.0.0.1:8081/api/v1/messages
  curl -H 'Authorization: Bearer 0123456789abcdef' -X POST -T messages.ndjson http://127.0.0.1:8081/api/v1/messages/batch
  curl -H 'Authorization: Bearer 0123456789abcdef' http://127.0.0.1:8081/api/v1/accounts/shop/messages/order-1001-paid
  curl -H 'Authorization: Bearer 0123456789abcdef' http://127.0.0.1:8081/api/v1/accounts/shop/token`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("serve takes no arguments, found %q; what it serves stands in the configuration", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context()) },
	}
}

// serve runs the gateway until ctx ends or serving fails.
func (p *program) serve(ctx context.Context) error {
	options := config.Options{File: p.configFile, Env: p.environ}
	cfg, err := config.Load(options)
	if err != nil {
		return err
	}
	log := newLogger(cfg.Log, p.stderr)
	g, err := gateway.New(cfg, log)
	if err != nil {
		return err
	}
	if err := g.Start(ctx); err != nil {
		return err
	}
	warnOfRedis(ctx, cfg, g, log)
	watching, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { config.Watch(watching, options, cfg, g.Apply, log) })
	defer watch.Wait()
	defer stop()
	select {
	case <-ctx.Done():
		return g.Stop()
	case err := <-g.Failed():
		return errors.Join(err, g.Stop())
	case err := <-g.PushesFailed():
		return errors.Join(err, g.Stop())
	}
}

// warnOfRedis says what of Redis makes the promises weaker than they could be,
// or keeps its user from what it must do. One that is away was told already.
func warnOfRedis(ctx context.Context, cfg *config.Config, g *gateway.Gateway, log *slog.Logger) {
	if cfg.Redis.Mode == config.Embedded {
		return
	}
	for _, r := range check.Store(ctx, check.Options{Config: cfg, Redis: check.NewRedis(g.Redis())}) {
		if r.Level != check.OK && r.Name != "redis answers" {
			log.Warn(r.Name, slog.String("found", r.Words), slog.String("do", r.Do))
		}
	}
}

// newLogger writes as the configuration says.
func newLogger(l config.Log, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.SlogLevel()}
	if l.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}
