package main

import (
	"io"
	"net"
	"sync"
	"time"
)

// chunk is the most that the proxy reads at once; so many may be on their way
// in one connection before the sender waits.
const (
	chunk    = 64 << 10
	onTheWay = 1024
)

// proxy stands between a worker and Redis and holds back what the worker sends,
// so that each round trip takes longer by the delay. Answers pass at once, and
// what is on its way at the same time waits together: it is latency, no limit
// on throughput.
type proxy struct {
	Addr     string
	target   string
	delay    time.Duration
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	over  bool
}

func startProxy(target string, delay time.Duration) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{Addr: listener.Addr().String(), target: target, delay: delay, listener: listener, conns: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	return p, nil
}

func (p *proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		p.running.Go(func() { p.carry(conn) })
	}
}

// carry joins one connection with Redis until either side ends.
func (p *proxy) carry(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		_ = client.Close()
		return
	}
	if !p.open(client, server) {
		return
	}
	var both sync.WaitGroup
	end := func() { _ = client.Close(); _ = server.Close() }
	both.Go(func() { p.hold(server, client); end() })
	both.Go(func() { _, _ = io.Copy(client, server); end() })
	both.Wait()
	p.forget(client, server)
}

// late is something to be passed on at its time.
type late struct {
	data []byte
	due  time.Time
}

// hold passes on what it reads, each after the delay.
func (p *proxy) hold(to io.Writer, from io.Reader) {
	way := make(chan late, onTheWay)
	var writing sync.WaitGroup
	writing.Go(func() {
		for l := range way {
			time.Sleep(time.Until(l.due))
			if _, err := to.Write(l.data); err != nil {
				break
			}
		}
		for range way { // the reader must not wait for one who is gone
		}
	})
	buffer := make([]byte, chunk)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			way <- late{append([]byte(nil), buffer[:n]...), time.Now().Add(p.delay)}
		}
		if err != nil {
			break
		}
	}
	close(way)
	writing.Wait()
}

func (p *proxy) open(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		if p.over {
			_ = conn.Close()
			continue
		}
		p.conns[conn] = true
	}
	return !p.over
}

func (p *proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		delete(p.conns, conn)
	}
}

// close cuts every connection and returns when nothing of it runs any more.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.over = true
	for conn := range p.conns {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
}
