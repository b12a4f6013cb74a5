package wechat

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/secrettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testToken = "SECRET/token+of=shop"
	testPath  = "/cgi-bin/message/template/send"
	testBody  = `{"touser":"o"}`
	okReply   = `{"errcode":0,"errmsg":"ok","msgid":3717005636572528642}`
)

// stand starts a server, plain or with TLS, that ends with the test.
func stand(t *testing.T, secure bool, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handle)
	s.Config.ErrorLog = quiet()
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

func dial(t *testing.T, o Options) *Client {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// certificate writes the server's certificate to a file.
func certificate(t *testing.T, s *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// reach makes the client for a server of either sort.
func reach(t *testing.T, s *httptest.Server, o Options) *Client {
	t.Helper()
	o.BaseURL = s.URL
	if s.TLS != nil {
		o.CAFile = certificate(t, s)
	}
	return dial(t, o)
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hangUp reads the whole request, writes words and closes the connection.
func hangUp(w http.ResponseWriter, r *http.Request, words string) {
	_, _ = io.Copy(io.Discard, r.Body)
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, words)
	_ = conn.Close()
}

// noSecret fails when words hold the token in any form.
func noSecret(t *testing.T, words string) {
	t.Helper()
	secrettest.Hidden(t, "what was told", words, "SECRET")
}

func post(t *testing.T, c *Client) (Reply, error) {
	t.Helper()
	reply, err := c.Post(t.Context(), testPath, testToken, []byte(testBody))
	noSecret(t, fmt.Sprintf("%+v %+v %#v", reply, err, err))
	return reply, err
}

func TestPostSendsWhatWeChatWants(t *testing.T) {
	var got *http.Request
	var body []byte
	s := stand(t, true, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, okReply)
	})
	c := dial(t, Options{BaseURL: s.URL + "/gate/way/", CAFile: certificate(t, s)})
	reply, err := post(t, c)
	if err != nil || reply.MsgID != "3717005636572528642" {
		t.Fatalf("%+v, %v", reply, err)
	}
	if got.Method != http.MethodPost || got.URL.Path != "/gate/way"+testPath || got.URL.Query().Get("access_token") != testToken {
		t.Errorf("asked %s %s", got.Method, got.URL)
	}
	if string(body) != testBody || got.ContentLength != int64(len(testBody)) || got.TransferEncoding != nil {
		t.Errorf("body %q, length %d, encoding %v", body, got.ContentLength, got.TransferEncoding)
	}
	if got.Header.Get("User-Agent") != "wxdispatch" || got.Header.Get("Content-Type") != "application/json; charset=utf-8" || got.ProtoMajor != 1 {
		t.Errorf("headers %v, %s", got.Header, got.Proto)
	}
}

func TestWhatAnAnswerMeans(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		class  fault.Class // of the error; "" for none
		code   int
	}{
		{"ok", 200, okReply, "", 0},
		{"refused", 200, `{"errcode":40003,"errmsg":"x"}`, "", 40003},
		{"5xx with WeChat's JSON", 502, `{"errcode":-1,"errmsg":"system error"}`, "", -1},
		{"4xx with WeChat's JSON", 412, `{"errcode":43002}`, "", 43002},
		{"no errcode", 200, `{}`, fault.Unanswered, 0},
		{"no errcode, but a msgid", 200, `{"msgid":12}`, fault.Unanswered, 0},
		{"damaged JSON", 200, `{"errcode":0,"errmsg":"ok",}`, fault.Unanswered, 0},
		{"cut JSON", 200, `{"errcode":0,"err`, fault.Unanswered, 0},
		{"HTML", 200, `<html>welcome</html>`, fault.Unanswered, 0},
		{"empty", 200, ``, fault.Unanswered, 0},
		{"too long", 200, `{"errcode":0,"errmsg":"` + strings.Repeat("x", maxAnswer) + `"}`, fault.Unanswered, 0},
		{"redirect", 302, ``, fault.Unanswered, 0},
		{"bad gateway", 502, `<html>bad gateway</html>`, fault.Unanswered, 0},
		{"5xx with other JSON", 503, `{"error":"overloaded"}`, fault.Unanswered, 0},
		{"forbidden", 403, `<html>no</html>`, fault.Busy, 0},
		{"4xx with other JSON", 429, `{"error":"slow down"}`, fault.Busy, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := reach(t, stand(t, false, answering(tc.status, tc.body)), Options{})
			reply, err := post(t, c)
			if fault.ClassOf(err) != tc.class || (err == nil) != (tc.class == "") || reply.Code != tc.code {
				t.Fatalf("%+v, %v (class %q)", reply, err, fault.ClassOf(err))
			}
			var told *fault.Error
			if errors.As(err, &told) && (told.Code != 0 || !strings.Contains(told.Message, fmt.Sprint(tc.status)) && tc.name != "too long") {
				t.Errorf("code %d, message %q", told.Code, told.Message)
			}
		})
	}
}

func TestWhatIsSurelyUnsent(t *testing.T) {
	for name, make := range map[string]func(t *testing.T) (*Client, context.Context){
		"nobody listens": func(t *testing.T) (*Client, context.Context) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			_ = l.Close()
			return dial(t, Options{BaseURL: "http://" + l.Addr().String()}), t.Context()
		},
		"certificate not trusted": func(t *testing.T) (*Client, context.Context) {
			return dial(t, Options{BaseURL: stand(t, true, answering(200, okReply)).URL}), t.Context()
		},
		"no TLS there": func(t *testing.T) (*Client, context.Context) {
			plain := stand(t, false, answering(200, okReply))
			return dial(t, Options{BaseURL: "https://" + plain.Listener.Addr().String()}), t.Context()
		},
		"proxy refuses": func(t *testing.T) (*Client, context.Context) {
			proxy := stand(t, false, answering(http.StatusProxyAuthRequired, ""))
			return dial(t, Options{BaseURL: "https://wechat.invalid", Proxy: proxy.URL}), t.Context()
		},
		"context ended": func(t *testing.T) (*Client, context.Context) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return reach(t, stand(t, false, answering(200, okReply)), Options{}), ctx
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, ctx := make(t)
			_, err := c.Post(ctx, testPath, testToken, []byte(testBody))
			if !fault.Is(err, fault.Unsent) {
				t.Fatalf("%v (class %q)", err, fault.ClassOf(err))
			}
			noSecret(t, fmt.Sprintf("%+v %#v", err, err))
		})
	}
}

func TestACallThatGotNoConnectionIsUnsent(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	c := reach(t, stand(t, false, func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, okReply)
	}), Options{Concurrency: 1})
	first := make(chan error, 1)
	go func() { _, err := c.Post(t.Context(), testPath, testToken, []byte(testBody)); first <- err }()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Post(ctx, testPath, testToken, []byte(testBody)); !fault.Is(err, fault.Unsent) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the second call: %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the first call: %v", err)
	}
}

func TestWhatMayHaveBeenTaken(t *testing.T) {
	for name, handle := range map[string]http.HandlerFunc{
		"hang up":            func(w http.ResponseWriter, r *http.Request) { hangUp(w, r, "") },
		"hang up in headers": func(w http.ResponseWriter, r *http.Request) { hangUp(w, r, "HTTP/1.1 200 OK\r\nContent-") },
		"body cut short": func(w http.ResponseWriter, r *http.Request) {
			hangUp(w, r, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"+okReply)
		},
		"4xx cut short": func(w http.ResponseWriter, r *http.Request) {
			hangUp(w, r, "HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\n{")
		},
		"the request thrown back": func(w http.ResponseWriter, r *http.Request) { hangUp(w, r, r.URL.String()+"\r\n\r\n") },
		"no answer":               func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) },
	} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %v", name, secure), func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var requests atomic.Int32
				returned := make(chan struct{})
				c := reach(t, stand(t, secure, func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					handle(w, r)
					if name == "no answer" {
						cancel() // the caller gives up while WeChat has the request
						<-returned
					}
				}), Options{})
				_, err := c.Post(ctx, testPath, testToken, []byte(testBody))
				close(returned)
				if !fault.Is(err, fault.Unanswered) {
					t.Fatalf("%v (class %q)", err, fault.ClassOf(err))
				}
				noSecret(t, fmt.Sprintf("%+v %#v", err, err))
				if errors.Is(err, context.Canceled) != (name == "no answer") {
					t.Errorf("the context's end is told wrongly: %v", err)
				}
				if n := requests.Load(); n != 1 {
					t.Errorf("the server saw %d requests", n)
				}
			})
		}
	}
}

// net/http repeats some requests on its own when a kept connection breaks; a
// message would go out twice.
func TestARequestIsNeverRepeated(t *testing.T) {
	for _, secure := range []bool{false, true} {
		var requests atomic.Int32
		var peers crowd
		s := stand(t, secure, func(w http.ResponseWriter, r *http.Request) {
			peers.add(r.RemoteAddr)
			if requests.Add(1)%2 == 0 {
				hangUp(w, r, "")
				return
			}
			answering(200, `{"errcode":0,"access_token":"T","expires_in":7200}`)(w, r)
		})
		c := reach(t, s, Options{})
		classic := Grant{Mode: Classic, AppID: "wx1", Secret: "S"}
		for name, call := range map[string]func() error{
			"POST": func() error { _, err := post(t, c); return err },
			"GET":  func() error { _, err := c.FetchToken(t.Context(), classic); return err },
		} {
			requests.Store(0)
			if err := call(); err != nil {
				t.Fatalf("%s on a new connection: %v", name, err)
			}
			before := peers.size()
			if err := call(); !fault.Is(err, fault.Unanswered) {
				t.Errorf("%s on a kept connection: %v", name, err)
			}
			if requests.Load() != 2 || peers.size() != before {
				t.Errorf("%s: %d requests, %d more connections", name, requests.Load(), peers.size()-before)
			}
		}
	}
}

func TestConnectionsAreKeptAndCounted(t *testing.T) {
	const most = 3
	var peers crowd
	s := stand(t, true, func(w http.ResponseWriter, r *http.Request) {
		peers.add(r.RemoteAddr)
		answering(200, okReply)(w, r)
	})
	c := reach(t, s, Options{Concurrency: most})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 10 {
				if _, err := post(t, c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := peers.size(); n > most {
		t.Errorf("%d connections for 100 calls, %d allowed", n, most)
	}
}

func TestProxyByCONNECT(t *testing.T) {
	var target string
	s := stand(t, true, answering(200, okReply))
	proxy := stand(t, false, func(w http.ResponseWriter, r *http.Request) {
		target = r.Method + " " + r.Host
		up, err := net.Dial("tcp", r.Host)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = up.Close() }()
		down, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = down.Close() }()
		_, _ = io.WriteString(down, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() { _, _ = io.Copy(up, down); _ = up.Close() }()
		_, _ = io.Copy(down, up)
	})
	c := reach(t, s, Options{Proxy: proxy.URL})
	if _, err := post(t, c); err != nil {
		t.Fatal(err)
	}
	if want := "CONNECT " + s.Listener.Addr().String(); target != want {
		t.Errorf("the proxy was asked %q, want %q", target, want)
	}
	c.Close()
}

func TestTheTokenIsTakenOutOfWhatAServerSays(t *testing.T) {
	c := reach(t, stand(t, false, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"errcode":40001,"errmsg":"bad %s in %s"}`, r.FormValue("access_token"), r.URL.RawQuery)
	}), Options{})
	reply, err := post(t, c)
	if err != nil || reply.Message != "bad [secret] in access_token=[secret]" {
		t.Fatalf("%+v, %v", reply, err)
	}
}

func TestWireKnowsWhetherAByteLeft(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _ = near.Close(); _ = far.Close() }()
	conn := &countedConn{Conn: near}
	conn.written.Store(7)
	var w wire
	check := func(when string, want bool) {
		t.Helper()
		if w.touched() != want {
			t.Errorf("%s: touched is %v", when, !want)
		}
	}
	check("no connection yet", false)
	trace := w.trace()
	trace.GotConn(httptraceConn(conn))
	check("a connection", false)
	trace.WroteHeaderField("Host", nil)
	check("lines in the buffer", false)
	conn.written.Add(1)
	check("one byte written", true)
	w = wire{}
	w.trace().GotConn(httptraceConn(far))
	w.trace().WroteHeaderField("Host", nil)
	check("lines for a connection that nobody counts", true)
}
