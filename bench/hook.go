package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// hook is an app that is told by webhook what became of its messages, and counts.
type hook struct {
	server *http.Server
	url    string
	events atomic.Int64
}

func newHook(_ []byte, _ io.Writer) (part, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &hook{url: "http://" + listener.Addr().String() + "/"}
	h.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = h.server.Serve(listener) }() // ends with Close
	return h, nil
}

// ServeHTTP takes a post and counts the events in it, each of which has a state.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "come again", http.StatusBadRequest)
		return
	}
	h.events.Add(int64(bytes.Count(body, []byte(`"state":`))))
}

func (h *hook) answer(question string) (any, error) {
	switch question {
	case "url":
		return h.url, nil
	case "events":
		return h.events.Load(), nil
	}
	return nil, fmt.Errorf("%q is no question that the hook answers", question)
}

func (h *hook) stop() error { return h.server.Close() }
