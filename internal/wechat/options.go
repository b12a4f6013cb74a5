package wechat

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

// Options say how a Client reaches WeChat. The zero value is good for use.
type Options struct {
	BaseURL        string        // default https://api.weixin.qq.com; a path prefix is kept
	AllowPlainHTTP bool          // allow http:// beyond this machine: tokens travel readable then
	Proxy          string        // http, https or socks5 URL; default: HTTPS_PROXY and its kin
	CAFile         string        // PEM certificates to trust beside the system's
	Timeout        time.Duration // of one call, from the wait for a connection to the last byte; default 5 s
	Concurrency    int           // most connections, and so calls, at once; default 50
}

// Defaults of Options.
const (
	DefaultBaseURL     = "https://api.weixin.qq.com"
	DefaultTimeout     = 5 * time.Second
	DefaultConcurrency = 50
)

func (o Options) withDefaults() Options {
	if o.BaseURL == "" {
		o.BaseURL = DefaultBaseURL
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Concurrency == 0 {
		o.Concurrency = DefaultConcurrency
	}
	return o
}

// mistakes tells every option that is wrong, under its configuration key.
func (o Options) mistakes() []fault.Field {
	var fields []fault.Field
	add := func(path, words string) {
		if words != "" {
			fields = append(fields, fault.Field{Path: path, Message: words})
		}
	}
	add("base_url", addressMistake(o.BaseURL, o.AllowPlainHTTP))
	add("proxy", proxyMistake(o.Proxy))
	if o.Timeout < 0 {
		add("timeout", fmt.Sprintf("is %v; give a time above 0, such as 5s", o.Timeout))
	}
	if o.Concurrency < 0 {
		add("concurrency", fmt.Sprintf("is %d; give 1 or more", o.Concurrency))
	}
	return fields
}

// parseAddress reads an address that a path will be joined to: without a path of
// its own JoinPath would make a relative one.
func parseAddress(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err == nil && u.Path == "" {
		u.Path = "/"
	}
	return u, err
}

// addressMistake says in words what is wrong with an address that secrets are
// sent to, or "". It never repeats the address: it may hold a password.
func addressMistake(address string, plain bool) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "is no URL of the form https://host/path"
	case u.User != nil:
		return "has a user or password in it; take them out"
	case u.Fragment != "" || u.RawQuery != "":
		return "has a query or fragment; give scheme, host and path only"
	case u.Scheme == "http" && !plain && !loopback(u.Hostname()):
		return "is plain http to " + u.Host + ", where anyone on the way can read secrets; use https, or set allow_plain_http: true"
	}
	return ""
}

func proxyMistake(proxy string) string {
	if proxy == "" {
		return ""
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" {
		return "is no URL of the form http://host:port"
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return ""
	}
	return "has scheme " + u.Scheme + "; http, https and socks5 are allowed"
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
