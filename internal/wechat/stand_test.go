package wechat

import (
	"io"
	"log"
	"net"
	"net/http/httptrace"
	"sync"
)

// quiet takes what a stand-in server says about connections that break on
// purpose.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func httptraceConn(conn net.Conn) httptrace.GotConnInfo { return httptrace.GotConnInfo{Conn: conn} }

// crowd counts different peers: connections, as a server sees them.
type crowd struct {
	mu    sync.Mutex
	peers map[string]bool
}

func (c *crowd) add(peer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.peers == nil {
		c.peers = make(map[string]bool)
	}
	c.peers[peer] = true
}

func (c *crowd) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.peers)
}
