package config

import (
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (w WeChat) check(m *mistakes, path string) {
	at := func(key string) string { return join(path, key) }
	if w.BaseURL == "" {
		m.add(at("base_url"), "is empty; write an absolute URL, such as https://api.weixin.qq.com")
	}
	m.url(at("base_url"), w.BaseURL, "http", "https")
	u, err := url.Parse(w.BaseURL)
	if err == nil && u.Scheme == "http" && !loopbackHost(u.Hostname()) && !w.AllowPlainHTTP {
		m.add(at("base_url"), "is plain http beyond this machine, which shows every access_token on the way; use https or set allow_plain_http: true")
	}
	if err == nil && (u.RawQuery != "" || u.Fragment != "") {
		m.add(at("base_url"), "has a query or fragment; write scheme, host and path only")
	}
	if u, err := url.Parse(w.Proxy.Reveal()); w.Proxy != "" && (err != nil || u.Host == "" ||
		!slices.Contains([]string{"http", "https", "socks5"}, u.Scheme)) {
		m.add(at("proxy"), "is no proxy; write http://host:port, https://host:port or socks5://host:port")
	}
	checkCA(m, at("ca_file"), w.CAFile)
	m.positive(at("timeout"), w.Timeout)
}

func checkCA(m *mistakes, path, file string) {
	if file == "" {
		return
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		m.add(path, "cannot be read: %v; name a file with PEM certificates that this user may read", err)
	} else if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		m.add(path, "the file %s holds no PEM certificate; name one with -----BEGIN CERTIFICATE-----", file)
	}
}

// url notes what is not an absolute URL of one of the schemes. An empty one is
// none. The text is not shown: it may hold a key.
func (m *mistakes) url(path, text string, schemes ...string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		m.add(path, "is no absolute URL; write %s://host/path", schemes[len(schemes)-1])
	case !slices.Contains(schemes, u.Scheme):
		m.add(path, "found scheme %q; use %s", u.Scheme, either(schemes))
	case u.User != nil:
		m.add(path, "holds a user or password, which would be logged; take it out")
	}
}

// address notes what is not host:port with a port from lowest up. An empty
// host is every address of the machine.
func (m *mistakes) address(path, text string, lowest int) {
	_, port, err := net.SplitHostPort(text)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil || n < lowest || n > 65535 {
		m.add(path, "found %q; write host:port, the port from %d to 65535", text, lowest)
	}
}

func (m *mistakes) positive(path string, d time.Duration) {
	if d <= 0 {
		m.add(path, "found %s; write a duration above 0", d)
	}
}

func (m *mistakes) notNegative(path string, d time.Duration) {
	if d < 0 {
		m.add(path, "found %s; write 0s or more", d)
	}
}

func (m *mistakes) atLeast(path string, n, lowest int) {
	if n < lowest {
		m.add(path, "found %d; write %d or more", n, lowest)
	}
}

// loopback tells whether host:port is reached from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && loopbackHost(host)
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
