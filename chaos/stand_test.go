package chaos_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	shop, mini           = "shop", "mini"
	shopAppID, miniAppID = "wxc4a05000000shop", "wxc4a05000000mini"
	secret               = "secret-of-the-chaos-run"
)

// latency keeps some calls under way at any time, for deeds to hit.
const latency = 50 * time.Millisecond

// stand is the stand-in WeChat with an ear of its own: it notes of each message
// how many calls were made, and how many of them their caller cannot have
// understood.
type stand struct {
	*wechattest.Sim
	url   string
	paths map[string]bool

	mu    sync.Mutex
	calls map[string]talk // by content key
}

// talk is what was said about one message.
type talk struct{ calls, unheard int }

func startStand(t *testing.T, seed uint64) *stand {
	t.Helper()
	s := &stand{paths: map[string]bool{}, calls: map[string]talk{}}
	for _, kind := range message.Kinds() {
		s.paths[kind.Path()] = true
	}
	s.Sim = wechattest.New(wechattest.Options{
		Apps: []wechattest.App{
			{AppID: shopAppID, Secret: secret, Type: message.Official},
			{AppID: miniAppID, Secret: secret, Type: message.MiniProgram},
		},
		StrictPermits: true, Latency: latency, Seed: seed,
	})
	server := httptest.NewServer(s)
	s.url = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

// ServeHTTP lets the stand-in answer, and listens.
func (s *stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.paths[r.URL.Path] {
		s.Sim.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller died while it spoke: no message
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	heard := &ear{ResponseWriter: w}
	whole := false
	defer func() { s.note(wechattest.ContentKey(body), whole && heard.clear() && r.Context().Err() == nil) }()
	s.Sim.ServeHTTP(heard, r)
	whole = true
}

func (s *stand) note(key string, heard bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	talk := s.calls[key]
	talk.calls++
	if !heard {
		talk.unheard++
	}
	s.calls[key] = talk
}

func (s *stand) talkOf(key string) talk {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[key]
}

// ear hears what the caller is told.
type ear struct {
	http.ResponseWriter
	status int
	said   bytes.Buffer
}

func (e *ear) Unwrap() http.ResponseWriter { return e.ResponseWriter }

func (e *ear) WriteHeader(status int) {
	e.status = status
	e.ResponseWriter.WriteHeader(status)
}

func (e *ear) Write(p []byte) (int, error) {
	e.said.Write(p)
	return e.ResponseWriter.Write(p)
}

// clear tells whether it was an answer of WeChat's.
func (e *ear) clear() bool {
	return (e.status == 0 || e.status == http.StatusOK) && json.Valid(e.said.Bytes())
}

// weather makes calls go wrong: strength 1 hits about one in six.
func (s *stand) weather(strength float64) {
	s.ClearFaults()
	for _, f := range []wechattest.Fault{
		{Mode: wechattest.ModeCode, Code: -1, Share: 0.04},
		{Mode: wechattest.ModeLate, Delay: callTimeout + callTimeout/2, Share: 0.02},
		{Mode: wechattest.ModeSilent, Share: 0.01},
		{Mode: wechattest.ModeSilent, Share: 0.01, Counted: true},
		{Mode: wechattest.ModeCut, Share: 0.01},
		{Mode: wechattest.ModeCut, Share: 0.01, Counted: true},
		{Mode: wechattest.ModeCutEarly, Share: 0.01},
		{Mode: wechattest.ModeHTTP, Status: http.StatusBadGateway, Share: 0.01},
		{Mode: wechattest.ModeHTTP, Status: http.StatusBadGateway, Share: 0.01, Counted: true},
		{Mode: wechattest.ModeGarbage, Share: 0.01},
		{Mode: wechattest.ModeGarbage, Share: 0.01, Counted: true},
	} {
		f.Share *= strength
		s.Inject(f)
	}
}
