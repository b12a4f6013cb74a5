package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"wxdispatch/internal/api"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const batchPath = "/api/v1/messages/batch"

// line is an order on one line.
func line(id, account string) string { return strings.Join(strings.Fields(order(id, account)), " ") }

func (s *stand) batch(body string, headers ...string) (*reply, []api.Result) {
	s.Helper()
	got := s.call("POST", batchPath, body, append([]string{"Authorization", "Bearer " + fullKey}, headers...)...)
	if !strings.HasPrefix(got.Header().Get("Content-Type"), "application/x-ndjson") {
		return got, nil
	}
	return got, results(s.T, got.Body.String())
}

func results(t *testing.T, text string) (list []api.Result) {
	t.Helper()
	for l := range strings.Lines(text) {
		var r api.Result
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatalf("no JSON: %v: %s", err, l)
		}
		list = append(list, r)
	}
	return list
}

func TestEachLineHasItsResult(t *testing.T) {
	s := newStand(t)
	body := line("a", "shop") + "\r\n\n" + // 1, 2
		"no json\n" + // 3
		line("c", "mini") + "\n" + // 4
		strings.Repeat("x", message.MaxSize+1) + "\n" + // 5
		`{"id":"d","account":"shop","kind":"template","to":"o","body":{}}` + "\n" + // 6
		line("", "shop") // 7, without an end
	got, list := s.batch(body, "X-Request-Id", "req-7")
	if got.Code != 200 || got.Header().Get("X-Request-Id") != "req-7" {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	var told []string
	for _, r := range list {
		code := string(r.State)
		if r.Error != nil {
			code = r.Error.Code
		}
		told = append(told, fmt.Sprint(r.Line, " ", r.ID, " ", code))
	}
	want := []string{"1 a queued", "3  invalid", "4 c queued", "5  too_large", "6  invalid", "7 made-by-intake queued"}
	if !slices.Equal(told, want) {
		t.Errorf("told %q\nwant %q", told, want)
	}
	if fields := list[4].Error.Fields; len(fields) == 0 {
		t.Error("the mistakes of line 6 are not told")
	}
	if log := s.log.String(); !strings.Contains(log, `"lines":6,"refused":3`) || strings.Contains(log, "oSecretUser") {
		t.Errorf("the log: %s", log)
	}
}

func TestABatchIsJudgedLineByLine(t *testing.T) {
	s := newStand(t)
	got := s.call("POST", batchPath, line("a", "shop")+"\n"+line("b", "mini")+"\n", "Authorization", "Bearer "+shopKey)
	list := results(t, got.Body.String())
	if len(list) != 2 || list[0].Error != nil || list[1].Error == nil || list[1].Error.Code != "forbidden" || len(s.taken) != 1 {
		t.Errorf("%s", got.Body)
	}
	for key, status := range map[string]int{readKey: 403, "unknown": 401} {
		if got := s.call("POST", batchPath, line("a", "shop"), "Authorization", "Bearer "+key); got.Code != status {
			t.Errorf("%d, want %d", got.Code, status)
		}
	}
	if got, _ := s.batch(line("a", "shop"), "Idempotency-Key", "k"); got.Code != 422 {
		t.Errorf("one id for many: %d", got.Code)
	}
	if got, list := s.batch(""); got.Code != 200 || len(list) != 0 {
		t.Errorf("nothing: %d %s", got.Code, got.Body)
	}
}

func TestManyLinesGoTogetherAndInOrder(t *testing.T) {
	s := newStand(t)
	const n = 3000
	var body strings.Builder
	for i := range n {
		body.WriteString(line(fmt.Sprintf("m-%d", i), "shop") + "\n")
	}
	_, list := s.batch(body.String())
	if len(list) != n {
		t.Fatalf("%d results, want %d", len(list), n)
	}
	for i, r := range list {
		if r.Line != i+1 || r.ID != fmt.Sprintf("m-%d", i) {
			t.Fatalf("result %d: %+v", i, r)
		}
	}
	if most := slices.Max(s.groups); most > 500 || len(s.groups) > n/100 {
		t.Errorf("%d groups, the largest of %d", len(s.groups), most)
	}
}

func TestRedisAwayEndsABatch(t *testing.T) {
	away := &fault.Error{Class: fault.Unavailable, Message: "Redis did not answer"}
	t.Run("before anything was answered", func(t *testing.T) {
		s := newStand(t)
		s.takeErr = away
		got, _ := s.batch("bad\n" + line("a", "shop") + "\n")
		got.refused(t, 503, "unavailable")
		if got.Header().Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
	t.Run("with a line without an id", func(t *testing.T) {
		s := newStand(t)
		s.takeErr = away
		got, list := s.batch(line("", "shop") + "\n" + line("b", "shop") + "\n")
		if len(list) != 3 || list[0].ID != "made-by-intake" || list[0].Error.Code != "unavailable" || list[2].Line != 3 {
			t.Errorf("the id to repeat it with is not told: %s", got.Body)
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		s := newStand(t)
		s.awayFrom, s.takeErr = "b", away
		c := s.connect()
		if r := c.receive(); r.State != message.Queued {
			t.Fatalf("%+v", r)
		}
		c.send(line("b", "shop"))
		if r := c.receive(); r.Line != 2 || r.ID != "b" || r.Error.Code != "unavailable" {
			t.Errorf("%+v", r)
		}
		if r := c.receive(); r.Line != 3 || !strings.Contains(r.Error.Message, "from line 3 on nothing was looked at") {
			t.Errorf("%+v", r)
		}
		c.ended()
	})
}

// connection is a caller that reads results while it still sends.
type connection struct {
	*testing.T
	body *io.PipeWriter
	in   *bufio.Scanner
}

// connect starts a call over a real connection.
func (s *stand) connect() *connection {
	s.Helper()
	server := httptest.NewServer(s.api)
	s.Cleanup(server.Close)
	r, w := io.Pipe()
	request, err := http.NewRequestWithContext(s.Context(), http.MethodPost, server.URL+batchPath, r)
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+fullKey)
	c := &connection{T: s.T, body: w}
	s.Cleanup(func() { _ = w.Close() })
	go func() { _, _ = io.WriteString(w, line("first", "shop")+"\n") }()
	answer, err := server.Client().Do(request)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = answer.Body.Close() })
	c.in = bufio.NewScanner(answer.Body)
	return c
}

func (c *connection) send(text string) {
	c.Helper()
	if _, err := io.WriteString(c.body, text+"\n"); err != nil {
		c.Fatal(err)
	}
}

func (c *connection) receive() (r api.Result) {
	c.Helper()
	if !c.in.Scan() {
		c.Fatalf("no result: %v", c.in.Err())
	}
	if err := json.Unmarshal(c.in.Bytes(), &r); err != nil {
		c.Fatal(err)
	}
	return r
}

func (c *connection) ended() {
	c.Helper()
	if c.in.Scan() {
		c.Errorf("more follows: %s", c.in.Text())
	}
}

func TestResultsComeWhileLinesAreSent(t *testing.T) {
	s := newStand(t)
	c := s.connect()
	if r := c.receive(); r.Line != 1 || r.ID != "first" {
		t.Fatalf("%+v", r)
	}
	for i := 2; i < 5; i++ {
		id := fmt.Sprintf("m-%d", i)
		c.send(line(id, "shop"))
		if r := c.receive(); r.Line != i || r.ID != id || r.Error != nil {
			t.Fatalf("%+v", r)
		}
	}
	_ = c.body.Close()
	c.ended()
}

func TestABatchEndsWithTheProgram(t *testing.T) {
	s := newStand(t)
	ctx, end := context.WithCancel(t.Context())
	s.options.Ending = ctx
	s.api = apiOf(s)
	c := s.connect()
	c.receive()
	end()
	if r := c.receive(); r.Line != 2 || r.Error.Code != "unavailable" || !strings.Contains(r.Error.Message, "shutting down") {
		t.Errorf("%+v", r)
	}
	c.ended()
}

// Who goes away in the middle of a line has not handed that message over.
func TestACallerThatGoesAway(t *testing.T) {
	s := newStand(t)
	left := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(left)
		s.api.ServeHTTP(w, r)
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	body := line("a", "shop") + "\n" + line("b", "shop") // whole JSON, but the line might go on
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 5000\r\n\r\n%s", batchPath, fullKey, body)
	if err = errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
	<-left
	for _, m := range s.taken {
		if m.ID != "a" {
			t.Errorf("%s was taken, of which nobody knows whether it was whole", m.ID)
		}
	}
}
