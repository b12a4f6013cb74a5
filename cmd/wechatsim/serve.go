package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"wxdispatch/internal/wechat/wechattest"
)

// grace is how long calls under way may take to end.
const grace = 5 * time.Second

// serve runs the stand-in until ctx ends, then prints its counts.
func serve(ctx context.Context, f flags, stdout, stderr io.Writer) error {
	if err := checkListen(f.listen, f.allowRemote); err != nil {
		return err
	}
	o, err := f.options(stderr)
	if err != nil {
		return err
	}
	srv, err := wechattest.StartAt(f.listen, o)
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, srv.URL)
	fmt.Fprintf(stderr, "stand-in WeChat at %s, %s; control under %s/sim/stats\n", srv.URL, whom(o), srv.URL)
	<-ctx.Done()
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := srv.Shutdown(wait); err != nil {
		fmt.Fprintf(stderr, "calls were still under way after %s and were cut\n", grace)
	}
	return summary(stdout, srv.Stats())
}

func whom(o wechattest.Options) string {
	if o.AnyApp {
		return "any appid and secret is good"
	}
	return fmt.Sprintf("%d accounts", len(o.Apps))
}

func summary(stdout io.Writer, st wechattest.Stats) error {
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(st)
}
