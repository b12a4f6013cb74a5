package demo

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
)

// configure is the demo's own configuration. Redis and the pages listen where
// the user's configuration says, or on a free port where that one is taken.
func configure(user *config.Config, wechatURL string) (*config.Config, []string, error) {
	cfg := config.Defaults()
	cfg.Redis.Mode = config.Embedded
	cfg.WeChat.BaseURL = wechatURL
	cfg.WeChat.Timeout = 2 * time.Second
	cfg.Retry.MinDelay = 500 * time.Millisecond
	var notes []string
	for _, listener := range []struct {
		key, wanted string
		use         *string
	}{
		{"redis.addrs", first(user.Redis.Addrs), nil},
		{"worker.listen", user.Worker.Listen, &cfg.Worker.Listen},
		{"callback.listen", user.Callback.Listen, &cfg.Callback.Listen},
	} {
		addr, note, err := freeAddress(listener.key, listener.wanted)
		if err != nil {
			return nil, nil, err
		}
		if note != "" {
			notes = append(notes, note)
		}
		if listener.use == nil {
			cfg.Redis.Addrs = []string{addr}
		} else {
			*listener.use = addr
		}
	}
	cfg.Accounts = map[string]config.Account{
		shop: account(cfg.WeChat, message.Official, shopAppID),
		mini: account(cfg.WeChat, message.MiniProgram, miniAppID),
	}
	return &cfg, notes, nil
}

func account(wechat config.WeChat, t message.AccountType, appid string) config.Account {
	a := config.AccountDefaults(wechat)
	a.Type, a.AppID, a.Secret = t, appid, "demo"
	a.Callback.Token, a.Callback.AESKey = pushToken, pushKey
	return a
}

func first(addrs []string) string {
	if len(addrs) == 0 {
		return "127.0.0.1:0"
	}
	return addrs[0]
}

// freeAddress is the wanted address if it is this machine's and nobody listens
// there, else a free port of the loopback.
func freeAddress(key, wanted string) (addr, note string, err error) {
	host, _, err := net.SplitHostPort(wanted)
	ip := net.ParseIP(host)
	if err == nil && (host == "localhost" || ip != nil && ip.IsLoopback()) {
		if listener, err := net.Listen("tcp", wanted); err == nil {
			return listener.Addr().String(), "", listener.Close()
		}
		note = fmt.Sprintf("%s %s is in use", key, wanted)
	} else {
		note = fmt.Sprintf("%s %s is not this machine's loopback", key, wanted)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	addr = listener.Addr().String()
	return addr, note + "; the demo uses " + addr, listener.Close()
}

// welcome says what runs where, and how a second terminal joins in.
func welcome(out io.Writer, wechatURL string, cfg *config.Config, pages string, notes []string) {
	for _, note := range notes {
		fmt.Fprintln(out, "Note: "+note+".")
	}
	join := "go run ./cmd/enqueue send examples/*.json"
	if addr := cfg.Redis.Addrs[0]; addr != config.Defaults().Redis.Addrs[0] {
		join = "WXDISPATCH_REDIS_ADDRS=" + addr + " " + join
	}
	templates := fmt.Sprintf("WXDISPATCH_WECHAT_BASE_URL=%s WXDISPATCH_ACCOUNTS_MINI_APPID=%s WXDISPATCH_ACCOUNTS_MINI_SECRET=demo %s",
		wechatURL, miniAppID, strings.Replace(join, "send examples/*.json", "template library mini", 1))
	fmt.Fprintf(out, "stand-in WeChat  %s\nembedded Redis   %s (nothing is kept)\npushes           http://%s/wechat/{shop,mini}\npages            %s/\nweb UI           %s/queues/\njoin in          %s\nits templates    %s\n\n",
		wechatURL, cfg.Redis.Addrs[0], cfg.Callback.Listen, pages, pages, join, templates)
}
