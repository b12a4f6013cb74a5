package wechat

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
)

func TestOptions(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		options Options
		path    string // of the mistake; "" for none
		words   string
	}{
		{"defaults", Options{}, "", ""},
		{"gateway", Options{BaseURL: "https://gate.example/wx"}, "", ""},
		{"plain to this machine", Options{BaseURL: "http://127.0.0.1:8080"}, "", ""},
		{"plain to this machine, IPv6", Options{BaseURL: "http://[::1]:8080"}, "", ""},
		{"plain to this machine by name", Options{BaseURL: "http://localhost"}, "", ""},
		{"plain beyond it", Options{BaseURL: "http://api.weixin.qq.com"}, "base_url", "allow_plain_http"},
		{"plain to a look-alike", Options{BaseURL: "http://localhost.example"}, "base_url", "allow_plain_http"},
		{"plain beyond it, allowed", Options{BaseURL: "http://gate.example", AllowPlainHTTP: true}, "", ""},
		{"no scheme", Options{BaseURL: "api.weixin.qq.com"}, "base_url", "https://host/path"},
		{"other scheme", Options{BaseURL: "ftp://api.weixin.qq.com"}, "base_url", "https://host/path"},
		{"no URL", Options{BaseURL: "https://SECRET host"}, "base_url", "https://host/path"},
		{"password in it", Options{BaseURL: "https://u:SECRET@gate.example"}, "base_url", "user or password"},
		{"query in it", Options{BaseURL: "https://gate.example?key=SECRET"}, "base_url", "query"},
		{"proxy", Options{Proxy: "http://u:SECRET@proxy.example:3128"}, "", ""},
		{"socks proxy", Options{Proxy: "socks5://proxy.example:1080"}, "", ""},
		{"proxy without scheme", Options{Proxy: "u:SECRET@proxy.example:3128"}, "proxy", "http://host:port"},
		{"proxy of another scheme", Options{Proxy: "ftp://u:SECRET@proxy.example"}, "proxy", "socks5"},
		{"no such file", Options{CAFile: "/nowhere/ca.pem"}, "ca_file", "cannot be read"},
		{"no certificate", Options{CAFile: empty}, "ca_file", "no certificate"},
		{"timeout below 0", Options{Timeout: -time.Second}, "timeout", "above 0"},
		{"concurrency below 0", Options{Concurrency: -1}, "concurrency", "1 or more"},
	} {
		c, err := NewClient(tc.options)
		if tc.path == "" {
			if err != nil {
				t.Errorf("%s: %v", tc.name, err)
				continue
			}
			c.Close()
			continue
		}
		var told *fault.Error
		if !errors.As(err, &told) || told.Class != fault.Invalid || len(told.Fields) != 1 || told.Fields[0].Path != tc.path ||
			!strings.Contains(told.Fields[0].Message, tc.words) {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		noSecret(t, err.Error())
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	_, err := NewClient(Options{BaseURL: "x", Proxy: "y", Timeout: -1, Concurrency: -1})
	var told *fault.Error
	if !errors.As(err, &told) || len(told.Fields) != 4 {
		t.Fatal(err)
	}
}
