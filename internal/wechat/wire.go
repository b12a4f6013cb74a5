package wechat

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// countedConn counts the bytes that were written to a connection.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	return n, err
}

// counted finds the counter below conn; behind a proxy TLS lies on top of it.
func counted(conn net.Conn) *countedConn {
	for {
		switch c := conn.(type) {
		case *countedConn:
			return c
		case *tls.Conn:
			conn = c.NetConn()
		default:
			return nil
		}
	}
}

// wire watches one request and knows whether a byte of it may have left.
//
// net/http writes the request on another goroutine, but does not report a
// failed call before that one has ended, so touched is final by then.
type wire struct {
	mu    sync.Mutex
	conn  *countedConn
	from  int64 // the connection's count before this request
	began bool  // writing began: header lines went into the write buffer
}

func (w *wire) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{GotConn: w.gotConn, WroteHeaderField: w.wroteField}
}

func (w *wire) gotConn(info httptrace.GotConnInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn = counted(info.Conn); w.conn != nil {
		w.from = w.conn.written.Load()
	}
}

func (w *wire) wroteField(string, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began = true
}

// touched tells whether a byte of the request may have left this machine.
func (w *wire) touched() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.began && (w.conn == nil || w.conn.written.Load() > w.from)
}
