// Package listen serves HTTP on one address of a configuration, and remembers
// what status was answered.
//
// Its promise: every read and write has an end; an address that cannot be
// listened on is told with its configuration key and what to do; Shutdown lets
// what runs end, and nothing of it runs any more when it returns. What is
// served, and who may see it, is for others.
package listen

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

// Options say what is served, and what the address is called.
type Options struct {
	Key     string // of the address in the configuration: worker.listen
	Sibling string // what else may listen there: "another worker"
	Handler http.Handler
	Log     *slog.Logger // nil: none
}

// Server serves one address. Start and Shutdown are called once each, in this
// order.
type Server struct {
	o      Options
	http   *http.Server
	url    string
	served chan struct{} // closed when nothing is accepted any more; nil before Start
	failed chan error
}

// New makes a server. It does not listen yet.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{o: o, failed: make(chan error, 1), http: &http.Server{
		Handler:           o.Handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second, // 1 MiB over a slow line
		WriteTimeout:      30 * time.Second, // counts from the header: reading, Redis, the answer
		IdleTimeout:       90 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}}
}

// Start listens on address (host:port, port 0 for any) and serves in the
// background. Its error has class unavailable and tells what to do.
func (s *Server) Start(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return &fault.Error{Op: "listen.start", Class: fault.Unavailable,
			Message: fmt.Sprintf("%s %s: %s", s.o.Key, address, s.unheard(err))}
	}
	s.url = "http://" + listener.Addr().String()
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.o.Log.Error("an address is served no longer", slog.String("key", s.o.Key), slog.Any("error", err))
			s.failed <- &fault.Error{Op: "listen.serve", Class: fault.Unavailable, Message: s.o.Key + " is served no longer", Err: err}
		}
	}()
	return nil
}

// unheard says why an address cannot be listened on, and what to do.
func (s *Server) unheard(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("another program listens there, perhaps %s; stop it, or set %s to a free port", s.o.Sibling, s.o.Key)
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("this user may not listen there; set %s to a port above 1023", s.o.Key)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("this machine has no such address; set %s to one of its own, such as 127.0.0.1:8080", s.o.Key)
	}
	return "cannot be listened on: " + err.Error() + "; set it to host:port of this machine"
}

// URL is what is served, without a slash at its end; "" before Start.
func (s *Server) URL() string { return s.url }

// Failed hands out the error, at most one, that ends serving before Shutdown
// does.
func (s *Server) Failed() <-chan error { return s.failed }

// Shutdown takes no new connection and waits for what runs until ctx ends;
// then it cuts that off. When it returns nothing is listened on any more.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.served == nil {
		return nil
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = &fault.Error{Op: "listen.shutdown", Class: fault.Unavailable, Message: "calls to " + s.o.Key + " were cut off while they ran", Err: err}
		_ = s.http.Close()
	}
	<-s.served
	return err
}
