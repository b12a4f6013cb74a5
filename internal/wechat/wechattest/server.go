package wechattest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a stand-in that listens.
type Server struct {
	*Sim
	URL string // http://host:port, to be used as WeChat's base URL

	http   *http.Server
	cancel context.CancelFunc
	served chan struct{}  // closed when the accept loop has ended
	conns  sync.WaitGroup // open connections
}

// Start listens on a free port of 127.0.0.1. The caller ends it with Close.
func Start(o Options) (*Server, error) { return StartAt("127.0.0.1:0", o) }

// StartAt listens on addr (host:port). The caller ends it with Close or
// Shutdown.
func StartAt(addr string, o Options) (*Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("wechattest: listen on %s: %w", addr, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	srv := &Server{Sim: New(o), URL: "http://" + listener.Addr().String(), cancel: cancel, served: make(chan struct{})}
	srv.http = &http.Server{
		Handler:           srv.Sim,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState:         srv.track,
		ErrorLog:          slog.NewLogLogger(srv.log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(srv.served)
		srv.http.Serve(listener) // always ends with an error: ErrServerClosed
	}()
	return srv, nil
}

func (srv *Server) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		srv.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		srv.conns.Done()
	}
}

// Close ends at once, calls that are never answered included, and returns when
// nothing of it runs any more. It may be called more than once.
func (srv *Server) Close() {
	srv.cancel()
	srv.Sim.Close()
	srv.http.Close()
	<-srv.served
	srv.conns.Wait()
}

// Shutdown takes nothing new, lets calls end until ctx does, then closes.
func (srv *Server) Shutdown(ctx context.Context) error {
	err := srv.http.Shutdown(ctx)
	srv.Close()
	return err
}
