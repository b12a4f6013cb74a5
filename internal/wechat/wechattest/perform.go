package wechattest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"wxdispatch/internal/message"
)

// call is one call as it is dealt with: whose it is, and what goes wrong.
type call struct {
	acc   *account
	kind  message.Kind
	fault *Fault // or nil
}

// outcome is how a call ended, as the statistics name it: the errcode, or the
// mode of the fault that kept the answer back.
type outcome string

// gone: the client went away before its request was whole.
const gone outcome = "gone"

// outcome names what the client sees.
func (c call) outcome(code int) outcome {
	if c.fault != nil && c.unanswered() {
		return outcome(c.fault.Mode)
	}
	return outcome(strconv.Itoa(code))
}

// unanswered tells whether the client gets nothing that it can understand.
func (c call) unanswered() bool {
	if c.fault == nil {
		return false
	}
	switch c.fault.Mode {
	case ModeCut, ModeCutEarly, ModeSilent, ModeGarbage, ModeHTTP:
		return true
	}
	return false
}

// perform lets act decide on the call, unless a fault comes before it, counts,
// and brings the answer, or what the fault makes of it.
func (s *Sim) perform(w http.ResponseWriter, r *http.Request, c call, act func() reply) {
	f := c.fault
	var answer reply
	if f == nil || f.plays() {
		answer = act()
	}
	if f != nil && !f.truthful() && (f.Code != 0 || !f.Counted) {
		answer = refusal(f.Code, f.Message, s.now())
	}
	s.settle(c, c.outcome(answer.code))
	if c.kind != Tokens && !pause(r.Context(), s.opt.Latency) {
		return
	}
	if f == nil {
		write(w, answer.body)
		return
	}
	if !f.show(w, r, answer.body) {
		s.unanswered.Add(1)
	}
}

// refuse answers an errcode to a call that got no further than its token.
func (s *Sim) refuse(w http.ResponseWriter, acc *account, kind message.Kind, code int) {
	c := call{acc: acc, kind: kind}
	s.settle(c, c.outcome(code))
	write(w, refusal(code, "", s.now()).body)
}

// settle counts a call that was decided, before its answer goes out.
func (s *Sim) settle(c call, o outcome) {
	now := s.now()
	c.acc.mu.Lock()
	c.acc.book.counts.add(c.kind, o, now)
	c.acc.mu.Unlock()
	if c.unanswered() || o == gone {
		s.unanswered.Add(1)
	}
	if s.log.Enabled(context.Background(), slog.LevelDebug) {
		s.log.Debug("call", slog.String("appid", c.acc.app.AppID), slog.String("kind", string(c.kind)), slog.String("outcome", string(o)))
	}
	if c.kind != Tokens {
		s.calls.add()
	}
}

// show does to the answer what the fault says, and tells whether the client
// was still there for a late one.
func (f *Fault) show(w http.ResponseWriter, r *http.Request, answer []byte) bool {
	switch f.Mode {
	case ModeCut:
		panic(http.ErrAbortHandler)
	case ModeCutEarly:
		cutHard(w)
	case ModeSilent:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case ModeGarbage:
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<html><body>please try again</body></html>"))
	case ModeHTTP:
		http.Error(w, http.StatusText(f.status()), f.status())
	case ModeLate:
		if !pause(r.Context(), f.Delay) {
			return false
		}
		write(w, answer)
	case ModeSlow:
		return dribble(w, r, answer, f.Delay)
	default:
		write(w, answer)
	}
	return true
}

// cutHard resets the connection where it can be got hold of, else closes it.
func cutHard(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0) // closing then sends a reset
	}
	conn.Close()
}

// dribble sends the answer in small pieces that take the whole delay.
func dribble(w http.ResponseWriter, r *http.Request, answer []byte, delay time.Duration) bool {
	const pieces = 8
	out := http.NewResponseController(w)
	size := max(1, (len(answer)+pieces-1)/pieces)
	w.Header()["Content-Type"] = jsonType
	for len(answer) > 0 {
		n := min(size, len(answer))
		w.Write(answer[:n])
		out.Flush()
		answer = answer[n:]
		if !pause(r.Context(), delay/pieces) {
			return false
		}
	}
	return true
}

// pause waits in real time and tells whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
