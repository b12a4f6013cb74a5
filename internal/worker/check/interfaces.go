package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
	"wxdispatch/internal/wechat"
)

// hearing tells what WeChat's pushes and the app's own webhook lack.
func hearing(account string, a config.Account) []Result {
	r := Result{Name: "callback", Level: OK, Words: "token is set, " + mode(a.Callback)}
	if a.Callback.Token == "" {
		r.Level, r.Words = Warn, "token is missing: no receipt is heard, accepted never becomes delivered, and granted consents are not counted"
		r.Do = "set the server address in the account's console, and copy its token into accounts." + account + ".callback.token"
	}
	results := []Result{r}
	if a.Events.URL != "" && a.Events.Secret == "" {
		results = append(results, Result{Name: "events", Level: Warn,
			Words: "secret is missing: calls to events.url are not signed, so whoever finds the address can forge them",
			Do:    "set accounts." + account + ".events.secret, and let the receiver check it"})
	}
	return results
}

func mode(c config.AccountCallback) string {
	words := "plain mode"
	if c.AESKey != "" {
		words = "safe mode"
	}
	if c.PreviousToken != "" || c.PreviousAESKey != "" {
		words += "; a previous one is still good"
	}
	return words
}

// templates counts what the account may send with, list by list.
func templates(ctx context.Context, way WeChat, account string, t message.AccountType) Result {
	r := Result{Name: "templates", Level: OK}
	var found []string
	all := 0
	for _, sort := range template.SortsOf(t) {
		n, err := way.Templates(ctx, sort)
		if err != nil {
			r.Level, r.Words, r.Do = Warn, fmt.Sprintf("the list %s is not told: %s", sort, answered(err)), askAfter(err)
			return r
		}
		all += n
		found = append(found, fmt.Sprintf("%d of list %s", n, sort))
	}
	r.Words = strings.Join(found, ", ")
	if all == 0 {
		r.Level, r.Words = Warn, "the account has none: every message that names one is refused"
		r.Do = "add them in the account's console, or with enqueue template library " + account + " and enqueue template add"
	}
	return r
}

// nearlyUsed is the share of a day's quota from which on an operator is told.
const nearlyUsed = 0.8

// quotas tells what WeChat counted today.
func quotas(ctx context.Context, way WeChat, account string, a config.Account) Result {
	r := Result{Name: "quota", Level: OK}
	var found, short []string
	for _, kind := range a.Type.Kinds() {
		q, err := way.Quota(ctx, kind)
		if err != nil {
			r.Level, r.Words, r.Do = Warn, fmt.Sprintf("WeChat's count of %s is not told: %s", kind, answered(err)), askAfter(err)
			return r
		}
		words := fmt.Sprintf("%s %d of %d", kind, q.Used, q.Limit)
		found = append(found, words)
		if low(q) {
			short = append(short, words)
		}
	}
	r.Words = "used today: " + strings.Join(found, ", ")
	if len(short) > 0 {
		r.Level = Warn
		r.Words = "the day's quota is short: " + strings.Join(short, ", ") + "; what is left over waits until 00:00 UTC+8"
		r.Do = "hold batches back (enqueue batch pause), or have WeChat count anew, 10 times a month: enqueue account clear-quota " + account
	}
	return r
}

func low(q wechat.Quota) bool { return q.Limit > 0 && float64(q.Used) >= nearlyUsed*float64(q.Limit) }

// answered is WeChat's refusal in words.
func answered(err error) string {
	var known *fault.Error
	if !errors.As(err, &known) || known.Code == 0 {
		return said(err)
	}
	words := fmt.Sprintf("errcode %d: %s", known.Code, wechat.Lookup(known.Code).English)
	if known.RID != "" {
		words += " (rid " + known.RID + ")"
	}
	return words
}

// askAfter is what to do about a question that WeChat refused.
func askAfter(err error) string {
	var known *fault.Error
	switch {
	case !errors.As(err, &known) || known.Code == 0:
		return "check the network, and check again"
	case known.Code == 48001:
		return "this account has no right to the interface: look at its permissions in the console, and whether its type is right here"
	}
	return "look errcode and rid up in WeChat's documents"
}
