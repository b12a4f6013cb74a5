package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"wxdispatch/internal/fault"
)

// server is one listener and what it serves.
type server struct {
	http   *http.Server
	url    string
	served chan struct{} // closed when nothing is accepted any more; nil before start
	failed chan error
}

func newServer(handler http.Handler, log *slog.Logger) *server {
	return &server{failed: make(chan error, 1), http: &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second, // 1 MiB over a slow line
		WriteTimeout:      30 * time.Second, // counts from the header: reading, 5 s for Redis, the answer
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
}

// start listens on host:port and serves in the background.
func (s *server) start(listen string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return &fault.Error{Op: "gateway.start", Class: fault.Unavailable,
			Message: fmt.Sprintf("api.listen %s: %s", listen, unheard(err))}
	}
	s.url = "http://" + listener.Addr().String()
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- &fault.Error{Op: "gateway.serve", Class: fault.Unavailable, Message: "the HTTP API is served no longer", Err: err}
		}
	}()
	return nil
}

// shutdown takes no new connection and waits for calls that run until ctx
// ends; then it cuts them off.
func (s *server) shutdown(ctx context.Context) error {
	if s.served == nil {
		return nil
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = &fault.Error{Op: "gateway.stop", Class: fault.Unavailable, Message: "calls were cut off while they ran", Err: err}
		_ = s.http.Close()
	}
	<-s.served
	return err
}

// unheard says why an address cannot be listened on, and what to do.
func unheard(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there, perhaps another enqueue serve; stop it, or set api.listen to a free port"
	case errors.Is(err, syscall.EACCES):
		return "this user may not listen there; set api.listen to a port above 1023"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address; set api.listen to one of its own, such as 127.0.0.1:8081"
	}
	return "cannot be listened on: " + err.Error() + "; set it to host:port of this machine"
}
