package callback_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/callback"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/push"
)

// serveAt names the Redis of a push address that runs as a process of its own,
// to be killed.
const serveAt = "CALLBACK_TEST_REDIS"

func TestMain(m *testing.M) {
	if addr := os.Getenv(serveAt); addr != "" {
		serve(addr)
		return
	}
	goleak.VerifyTestMain(m)
}

// serve serves until the process is killed, or its standard input ends.
func serve(addr string) {
	reader, err := push.NewAccount(push.Secrets{AppID: "wxshop", Token: token})
	if err != nil {
		panic(err)
	}
	client := redis.NewClient(&redis.Options{Addr: addr})
	server := httptest.NewServer(callback.New(callback.Options{
		Accounts: map[string]callback.Account{"shop": {Reader: reader}},
		Inbox:    inbox.New(client, nil), Watch: &counts{all: map[string]int{}}, Log: slog.New(slog.DiscardHandler),
	}))
	fmt.Println(server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestWhatWasAnsweredOutlivesASIGKILL(t *testing.T) {
	addr := redistest.Server(t)
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), serveAt+"="+addr)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	const n = 200
	for i := range n {
		answer, err := client.Post(strings.TrimSpace(url)+"/wechat/shop?"+signed(fmt.Sprint(i)).Encode(), "text/xml", strings.NewReader(receipt))
		if err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if string(said) != "success" {
			t.Fatalf("push %d: %d %q", i, answer.StatusCode, said)
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed
	if got, err := inbox.New(redistest.Client(t, addr), nil).Waiting(t.Context(), "shop"); err != nil || got != n {
		t.Errorf("%d pushes were answered and %d are there, %v", n, got, err)
	}
}
