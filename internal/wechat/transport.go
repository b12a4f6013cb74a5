package wechat

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"wxdispatch/internal/fault"
)

const (
	// idleTimeout is below what servers and load balancers commonly allow (60 s
	// and more), so that a request seldom meets a connection that is just being
	// closed: its outcome would be unknown.
	idleTimeout = 30 * time.Second
	// keepAlive finds peers that vanished without a word.
	keepAlive = 15 * time.Second
	// writeBuffer holds a whole usual request, which then leaves in one piece.
	writeBuffer    = 16 << 10
	maxHeaderBytes = 64 << 10
)

// newTransport makes the connection pool of an account. It speaks HTTP/1.1
// only: HTTP/2 repeats requests on its own judgement.
func newTransport(o Options) (*http.Transport, error) {
	roots, err := rootCAs(o.CAFile)
	if err != nil {
		return nil, err
	}
	d := &dialer{
		net: net.Dialer{Timeout: o.Timeout, KeepAlive: keepAlive},
		tls: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  proxy(o.Proxy),
		DialContext:            d.dial,
		DialTLSContext:         d.dialTLS,
		TLSClientConfig:        d.tls.Clone(),
		TLSHandshakeTimeout:    o.Timeout,
		MaxConnsPerHost:        o.Concurrency,
		MaxIdleConnsPerHost:    o.Concurrency,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		WriteBufferSize:        writeBuffer,
		DisableCompression:     true,
		Protocols:              protocols,
	}, nil
}

func proxy(address string) func(*http.Request) (*url.URL, error) {
	if address == "" {
		return http.ProxyFromEnvironment
	}
	u, err := url.Parse(address)
	return func(*http.Request) (*url.URL, error) { return u, err }
}

// rootCAs returns the system's certificates and those of file; nil stands for
// the system's alone.
func rootCAs(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	mistake := func(words string, err error) error {
		return &fault.Error{Op: "wechat.client", Class: fault.Invalid, Err: err,
			Fields: []fault.Field{{Path: "ca_file", Message: words}}}
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, mistake("cannot be read", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, mistake(file+" holds no certificate; give a PEM file with at least one", nil)
	}
	return pool, nil
}

// dialer makes connections that count what is written to them.
type dialer struct {
	net net.Dialer
	tls *tls.Config
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.net.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &countedConn{Conn: conn}, nil
}

// dialTLS is for servers that are reached without a proxy. It counts above
// TLS, so that handshakes and closing alerts are not taken for a request.
func (d *dialer) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	conn, err := d.net.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	config := d.tls.Clone()
	config.ServerName = host
	secure := tls.Client(conn, config)
	// The transport dials on a context without the call's deadline.
	ctx, cancel := context.WithTimeout(ctx, d.net.Timeout)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return &countedConn{Conn: secure}, nil
}
