package check

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/wechat"
)

// token tells what a fetch brought.
func token(account string, life time.Duration, err error) Result {
	if err == nil {
		return Result{Name: "token", Level: OK, Words: "fetched, good for " + life.String()}
	}
	r := Result{Name: "token", Level: Fail, Words: "not fetched: " + said(err)}
	var known *fault.Error
	switch {
	case !errors.As(err, &known):
	case known.Code != 0:
		r.Words, r.Do = refused(account, known)
	case known.Class == fault.Account:
		r.Do = "mend it under accounts." + account
	default:
		r.Do = "check the network, and for token: external token_source.url"
	}
	return r
}

// refused tells what WeChat's errcode means and what to do about it.
func refused(account string, e *fault.Error) (words, do string) {
	a, known := tokenCodes[e.Code]
	words = a.found
	if words == "" {
		words = wechat.Lookup(e.Code).English
	}
	do = strings.ReplaceAll(a.do, "ACCOUNT", account)
	if address := addressIn(e.Message); a.address && address != "" {
		words = "this machine's address " + address + " is not on the account's whitelist"
		do = "add " + address + " to the whitelist in the account's console"
	}
	words = fmt.Sprintf("errcode %d: %s", e.Code, words)
	if e.RID != "" {
		words += " (rid " + e.RID + ")"
	}
	if !known {
		words += "; WeChat says: " + e.Message
		do = "look errcode and rid up in WeChat's documents"
	}
	return words, do
}

// advice is what an errcode of the token interfaces tells an operator.
type advice struct {
	found   string // empty: what the table of errcodes says
	do      string // ACCOUNT stands for the account's name
	address bool   // the errmsg names this machine's address
}

var tokenCodes = map[int]advice{
	-1:    {do: "WeChat has no time; check again in a minute"},
	40001: {found: "the secret is wrong", do: copySecret},
	40125: {do: copySecret},
	40243: {do: "unfreeze the secret in the account's console"},
	41004: {do: copySecret},
	40013: {do: copyAppID},
	41002: {do: copyAppID},
	40164: {do: whitelist, address: true},
	45035: {do: whitelist, address: true},
	61004: {do: whitelist, address: true},
	45009: {do: "the day's fetches are used up: find out who else fetches, and use token: stable"},
	45011: {do: "too many fetches in this minute: check again in the next, and find out who else fetches"},
	50002: {do: askWeChat},
	50004: {do: askWeChat},
	50007: {do: askWeChat},
	89501: {do: confirm},
	89502: {do: confirm},
	89503: {do: confirm},
	89504: {do: confirm},
	89505: {do: confirm},
	89506: {do: "put this machine's address on the whitelist, or ask the administrator again after 24 hours"},
	89507: {do: "put this machine's address on the whitelist, or ask the administrator again after an hour"},
}

const (
	copySecret = "copy the AppSecret from the account's console into accounts.ACCOUNT.secret"
	copyAppID  = "copy the appid from the account's console into accounts.ACCOUNT.appid"
	whitelist  = "add this machine's public address to the whitelist in the account's console"
	confirm    = "let the account's administrator confirm this machine's address in WeChat"
	askWeChat  = "read the notices in the account's console; only WeChat ends this"
)

// addressIn returns the first IP address that an errmsg names, or "".
func addressIn(errmsg string) string {
	for word := range strings.FieldsSeq(errmsg) {
		if address, err := netip.ParseAddr(strings.Trim(word, ",;.()[]")); err == nil {
			return address.Unmap().WithZone("").String()
		}
	}
	return ""
}
