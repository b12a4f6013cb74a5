package listen_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/listen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func started(t *testing.T, pages http.Handler) *listen.Server {
	t.Helper()
	s := listen.New(listen.Options{Key: "worker.listen", Sibling: "another worker", Handler: pages})
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	return s
}

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func TestServerServesAndEnds(t *testing.T) {
	s := started(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }))
	if got, err := get(t, s.URL()); err != nil || got != "ok" {
		t.Fatalf("got %q, %v", got, err)
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, s.URL()); err == nil {
		t.Error("it is served after the end")
	}
}

func TestShutdownWaitsForPagesAndCutsThemOff(t *testing.T) {
	asked, answer := make(chan struct{}, 1), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-answer
		_, _ = io.WriteString(w, "late")
	})
	s := started(t, slow)
	got := make(chan string, 1)
	go func() { text, _ := get(t, s.URL()); got <- text }()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Shutdown returned %v; want class unavailable", err)
	}
	close(answer)
	if text := <-got; text != "" {
		t.Errorf("a page that was cut off brought %q", text)
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	tests := []struct{ listen, words string }{
		{listener.Addr().String(), "another program listens there"},
		{"192.0.2.1:0", "this machine has no such address"},
		{"127.0.0.1:http-of-old", "set it to host:port"},
	}
	for _, test := range tests {
		s := listen.New(listen.Options{Key: "worker.listen", Handler: http.NotFoundHandler()})
		err := s.Start(test.listen)
		if err == nil || !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), test.words) ||
			!strings.Contains(err.Error(), "worker.listen "+test.listen) {
			t.Errorf("%s: %v", test.listen, err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown of what never started: %v", err)
		}
	}
}
