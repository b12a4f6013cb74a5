package main

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// flags are the program's arguments.
type flags struct {
	listen        string
	allowRemote   bool
	apps          []string
	strictPermits bool
	consents      bool
	withdrawn     bool
	tokenTTL      time.Duration
	latency       time.Duration
	busy, cut     float64
	seed          uint64
	verbose       bool
}

func (f *flags) declare(set *pflag.FlagSet) {
	set.StringVar(&f.listen, "listen", "127.0.0.1:8090", "host:port to serve on; port 0 takes a free one")
	set.BoolVar(&f.allowRemote, "allow-remote", false, "listen beyond loopback, too (it takes orders from anyone)")
	set.StringArrayVar(&f.apps, "app", nil, "an account as APPID:SECRET or APPID:SECRET:TYPE (official, miniprogram); repeat for more; none: any appid and secret is good")
	set.BoolVar(&f.strictPermits, "strict-permits", false, "refuse form ids that were not granted under /sim/permits (41028)")
	set.BoolVar(&f.consents, "consents", false, "refuse subscription messages without a consent granted under /sim/permits (43101)")
	set.BoolVar(&f.withdrawn, "withdrawn", false, "answer wxopen and uniform as WeChat does today: withdrawn (45103, 45109)")
	set.DurationVar(&f.tokenTTL, "token-ttl", 2*time.Hour, "life of an access_token")
	set.DurationVar(&f.latency, "latency", 0, "hold each send's answer back for so long")
	set.Float64Var(&f.busy, "busy", 0, "share of sends (0 to 1) that answer -1 and deliver nothing")
	set.Float64Var(&f.cut, "cut", 0, "share of sends (0 to 1) that are delivered, but lose the connection instead of an answer")
	set.Uint64Var(&f.seed, "seed", 0, "makes the shares fall the same way each time; 0: another way each time")
	set.BoolVar(&f.verbose, "verbose", false, "a line on standard error for each call")
}

// options turns the flags into what the stand-in wants.
func (f *flags) options(stderr io.Writer) (wechattest.Options, error) {
	o := wechattest.Options{
		AnyApp:        len(f.apps) == 0,
		StrictPermits: f.strictPermits,
		Consents:      f.consents,
		TokenTTL:      f.tokenTTL,
		Latency:       f.latency,
		Seed:          f.seed,
	}
	if f.tokenTTL <= 0 || f.latency < 0 {
		return o, usageError{fmt.Errorf("--token-ttl is %s and --latency %s; the first must be above 0, the second not below", f.tokenTTL, f.latency)}
	}
	for _, text := range f.apps {
		app, err := parseApp(text)
		if err != nil {
			return o, err
		}
		o.Apps = append(o.Apps, app)
	}
	if f.withdrawn {
		o.Withdrawn = []message.Kind{message.WXOpen, message.Uniform}
	}
	if f.verbose {
		o.Logger = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return o, f.addFaults(&o)
}

func (f *flags) addFaults(o *wechattest.Options) error {
	for _, fault := range []wechattest.Fault{
		{Mode: wechattest.ModeCode, Code: -1, Share: f.busy},
		{Mode: wechattest.ModeCut, Counted: true, Share: f.cut},
	} {
		if fault.Share == 0 {
			continue
		}
		if err := fault.Check(); err != nil {
			return usageError{fmt.Errorf("--busy or --cut: %w", err)}
		}
		o.Faults = append(o.Faults, fault)
	}
	return nil
}

// parseApp reads APPID:SECRET[:TYPE]. Its error does not repeat the secret.
func parseApp(text string) (wechattest.App, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] == "" {
		return wechattest.App{}, usageError{fmt.Errorf("--app %s… has %d parts; wanted is APPID:SECRET or APPID:SECRET:TYPE", parts[0], len(parts))}
	}
	app := wechattest.App{AppID: parts[0], Secret: parts[1]}
	if len(parts) == 3 {
		app.Type = message.AccountType(parts[2])
		if !app.Type.Valid() {
			return app, usageError{fmt.Errorf("--app %s…: type is %q; allowed are %s and %s", app.AppID, app.Type, message.Official, message.MiniProgram)}
		}
	}
	return app, nil
}
