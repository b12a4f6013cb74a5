package admin

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

// Server serves the pages on worker.listen. Start and Shutdown are called once
// each, in this order, by one goroutine.
type Server struct {
	http   *http.Server
	log    *slog.Logger
	url    string
	served chan struct{} // closed when nothing is accepted any more
}

// NewServer makes a server of the pages. It does not listen yet.
func NewServer(pages http.Handler, log *slog.Logger) *Server {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Server{log: log, http: &http.Server{
		Handler:           pages,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}
}

// Start listens on listen (host:port, port 0 for any) and serves in the
// background. Its error has class unavailable and tells what to do.
func (s *Server) Start(listen string) error {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return &fault.Error{Op: "admin.start", Class: fault.Unavailable,
			Message: fmt.Sprintf("worker.listen %s: %s", listen, unheard(err))}
	}
	s.url = "http://" + listener.Addr().String()
	s.served = make(chan struct{})
	go func() {
		defer close(s.served)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the admin pages are served no longer", slog.Any("error", err))
		}
	}()
	return nil
}

// unheard says why an address cannot be listened on, and what to do.
func unheard(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there, perhaps another worker; stop it, or set worker.listen to a free port"
	case errors.Is(err, syscall.EACCES):
		return "this user may not listen there; set worker.listen to a port above 1023"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address; set worker.listen to one of its own, such as 127.0.0.1:8080"
	}
	return "cannot be listened on: " + err.Error() + "; set it to host:port of this machine"
}

// URL is where the pages are, without a slash at its end; "" before Start.
func (s *Server) URL() string { return s.url }

// Shutdown takes no new connection and waits for pages that are being served,
// until ctx ends; then it cuts them off. When it returns nothing is listened
// on any more.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.served == nil {
		return nil
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = &fault.Error{Op: "admin.shutdown", Class: fault.Unavailable, Message: "pages were cut off while they were served", Err: err}
		_ = s.http.Close()
	}
	<-s.served
	return err
}
