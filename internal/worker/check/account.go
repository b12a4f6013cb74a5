package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// account looks at one account.
func (o Options) account(ctx context.Context, name string) []Result {
	a := o.Config.Accounts[name]
	results := append([]Result{kinds(a)}, hearing(name, a)...)
	if o.WeChat != nil {
		results = append(results, o.wechat(ctx, name, a)...)
	}
	for i := range results {
		results[i].Account = name
	}
	return results
}

func kinds(a config.Account) Result {
	var list []string
	for _, kind := range a.Type.Kinds() {
		list = append(list, string(kind))
	}
	what := map[message.AccountType]string{message.Official: "an official account", message.MiniProgram: "a mini program"}[a.Type]
	if what == "" {
		return Result{Name: "kinds", Level: Fail, Words: "sends nothing: it has no type", Do: "set type to official or miniprogram"}
	}
	return Result{Name: "kinds", Level: OK, Words: what + " sends " + strings.Join(list, ", ")}
}

func (o Options) wechat(ctx context.Context, name string, a config.Account) []Result {
	way, err := o.WeChat(name, a)
	if err != nil {
		return []Result{{Name: "wechat", Level: Fail, Words: strings.Join(mistakes(err), "; "), Do: "mend it under accounts." + name + " or wechat"}}
	}
	defer way.Close()
	started := time.Now()
	err = way.Reach(ctx)
	results := []Result{reach(a.WeChat.BaseURL, time.Since(started), err)}
	switch {
	case a.Token == config.TokenClassic && !o.FetchToken:
		return append(results, Result{Name: "token", Level: Warn,
			Words: "not checked: with token: classic a fetch replaces the token that is in use",
			Do:    "run again with --fetch-token when that may happen; the old token stays good for 5 minutes"})
	case a.Token != config.TokenExternal && !reachable(err):
		return results // what the token would meet was told already
	}
	life, err := way.FetchToken(ctx)
	results = append(results, token(name, life, err))
	if err != nil {
		return results // nothing else is told without a token
	}
	return append(results, templates(ctx, way, name, a.Type), quotas(ctx, way, name, a))
}

// reach tells whether WeChat answers at base.
func reach(base string, took time.Duration, err error) Result {
	r := Result{Name: "base_url", Level: OK, Words: fmt.Sprintf("%s answers in %s", base, took.Round(time.Millisecond))}
	switch {
	case err == nil:
	case reachable(err):
		r.Level, r.Words, r.Do = Warn, base+" answers, but not as WeChat does: "+said(err), "check that base_url is right, its path included"
	default:
		r.Level, r.Words, r.Do = Fail, base+" is out of reach: "+said(err), "check base_url, proxy, ca_file and this machine's network"
	}
	return r
}

// said returns an error's words without operation and cause.
func said(err error) string {
	var known *fault.Error
	if errors.As(err, &known) && known.Message != "" {
		return known.Message
	}
	return "no words were given"
}
