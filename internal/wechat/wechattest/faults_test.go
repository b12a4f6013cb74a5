package wechattest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func TestFaultModes(t *testing.T) {
	template := good[message.Template]
	for _, counted := range []bool{false, true} {
		tests := []struct {
			fault     wechattest.Fault
			outcome   string
			check     func(answer, error) bool
			delivered bool // even when not counted
		}{
			{wechattest.Fault{Code: -1}, "-1", func(a answer, err error) bool { return err == nil && a.ErrCode == -1 }, false},
			{wechattest.Fault{Code: 40164, Message: "odd"}, "40164", func(a answer, err error) bool { return err == nil && strings.HasPrefix(a.ErrMsg, "odd rid: ") }, false},
			{wechattest.Fault{Mode: wechattest.ModeCode}, "0", func(a answer, err error) bool { return err == nil && a.ErrCode == 0 }, false},
			{wechattest.Fault{Mode: wechattest.ModeCut}, "cut", func(_ answer, err error) bool { return errors.Is(err, io.EOF) }, false},
			{wechattest.Fault{Mode: wechattest.ModeCutEarly}, "cut_early", wasCut, false},
			{wechattest.Fault{Mode: wechattest.ModeCutEarly, OpenID: "oA"}, "cut_early", wasCut, false},
			{wechattest.Fault{Mode: wechattest.ModeLate, Delay: time.Millisecond}, "0", func(a answer, err error) bool { return err == nil && len(a.MsgID) == 19 }, true},
			{wechattest.Fault{Mode: wechattest.ModeLate, Code: 45011}, "45011", func(a answer, err error) bool { return err == nil && a.ErrCode == 45011 }, false},
			{wechattest.Fault{Mode: wechattest.ModeGarbage}, "garbage", func(_ answer, err error) bool { return err != nil && strings.Contains(err.Error(), "status 200") }, false},
			{wechattest.Fault{Mode: wechattest.ModeHTTP}, "http", func(_ answer, err error) bool { return err != nil && strings.Contains(err.Error(), "status 502") }, false},
			{wechattest.Fault{Mode: wechattest.ModeHTTP, Status: 404}, "http", func(_ answer, err error) bool { return err != nil && strings.Contains(err.Error(), "status 404") }, false},
			{wechattest.Fault{Mode: wechattest.ModeSlow, Delay: time.Millisecond}, "0", func(a answer, err error) bool { return err == nil && len(a.MsgID) == 19 }, true},
		}
		for _, tt := range tests {
			f := tt.fault
			f.Counted = counted
			t.Run(fmt.Sprintf("%s %d counted=%t", f.Mode, f.Code, counted), func(t *testing.T) {
				s := start(t, wechattest.Options{})
				id := s.Inject(f)
				a, err := s.do(t.Context(), http.MethodPost, s.path(message.Template), template)
				if !tt.check(a, err) {
					t.Errorf("the client saw %q, %v", a.raw, err)
				}
				want := 0
				if counted || tt.delivered {
					want = 1
				}
				s.wantDeliveries(want)
				if n := s.Stats().Count(message.Template, tt.outcome); n != 1 || s.FaultHits(id) != 1 {
					t.Errorf("stats %v, %d hits; want outcome %s once", s.Stats().Outcomes, s.FaultHits(id), tt.outcome)
				}
			})
		}
	}
}

func wasCut(_ answer, err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func TestSilenceLastsUntilTheClientLeaves(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.Inject(wechattest.Fault{Mode: wechattest.ModeSilent, Counted: true})
	ctx, leave := context.WithCancel(t.Context())
	var call sync.WaitGroup
	call.Go(func() {
		if _, err := s.do(ctx, http.MethodPost, s.path(message.Template), good[message.Template]); !errors.Is(err, context.Canceled) {
			t.Errorf("the client saw %v, want its own leaving", err)
		}
	})
	if err := s.WaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s.wantDeliveries(1)
	leave()
	call.Wait()
	if st := s.Stats(); st.Unanswered != 1 || st.Apps[official].PeakAtOnce != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestCloseEndsCallsThatAreNeverAnswered(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.Inject(wechattest.Fault{Mode: wechattest.ModeSilent})
	var call sync.WaitGroup
	call.Go(func() { s.do(t.Context(), http.MethodPost, s.path(message.Template), good[message.Template]) })
	if err := s.WaitCalls(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s.Close()
	call.Wait()
}

func TestFaultsThatMatchNarrowly(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.Inject(wechattest.Fault{AppID: mini, Code: 1})
	s.Inject(wechattest.Fault{Kind: message.Bizsend, Code: 2, Times: 2})
	s.Inject(wechattest.Fault{OpenID: "o7", Code: 3})
	s.Inject(wechattest.Fault{Kind: message.Template, PerOpenID: 1, Code: 4})
	s.want(message.Subscribe, good[message.Subscribe], 1)
	for _, code := range []int{2, 2, 0} {
		s.want(message.Bizsend, good[message.Bizsend], code)
	}
	for _, code := range []int{3, 3} {
		s.want(message.Template, plain(7), code)
	}
	for n := range 3 {
		s.want(message.Template, plain(n), 4)
		s.want(message.Template, plain(n), 0)
	}
	s.ClearFaults()
	s.want(message.Template, plain(7), 0)
}

func TestSharesAreRepeatableWithASeed(t *testing.T) {
	hits := func(seed uint64) string {
		s := start(t, wechattest.Options{Seed: seed, Faults: []wechattest.Fault{{Share: 0.5, Code: -1}}})
		var b strings.Builder
		for n := range 64 {
			fmt.Fprint(&b, s.post(message.Template, plain(n)).ErrCode, " ")
		}
		return b.String()
	}
	one := hits(7)
	if one != hits(7) || one == hits(8) {
		t.Error("the same seed gives other dice, or another seed the same")
	}
	if n := strings.Count(one, "-1"); n < 12 || n > 52 {
		t.Errorf("half of 64 calls hit %d times", n)
	}
}

func TestFaultsOfTheTokenEndpoints(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.Inject(wechattest.Fault{Code: 45009, Times: 1}) // sends only
	s.Inject(wechattest.Fault{Kind: wechattest.Tokens, Code: 40164, Times: 1})
	s.Inject(wechattest.Fault{Kind: wechattest.Tokens, Mode: wechattest.ModeCutEarly, Times: 1})
	if _, err := s.do(t.Context(), http.MethodPost, "/cgi-bin/stable_token", tokenBody); !wasCut(answer{}, err) {
		t.Errorf("the client saw %v, want a cut connection", err)
	}
	if a := s.stable(false); a.ErrCode != 40164 {
		t.Errorf("answers errcode %d, want 40164", a.ErrCode)
	}
	if a := s.stable(false); a.Token == "" {
		t.Errorf("answers errcode %d, want a token", a.ErrCode)
	}
	if st := s.Stats(); st.Count(wechattest.Tokens, "40164") != 1 || st.Count(wechattest.Tokens, "cut_early") != 1 || st.Calls != 0 {
		t.Errorf("stats %+v", st)
	}
}

func TestFaultCheck(t *testing.T) {
	for _, f := range []wechattest.Fault{{Mode: "odd"}, {Kind: "sms"}, {Share: 1.5}, {Share: -1}, {Times: -1}, {PerOpenID: -1}, {Delay: -1}, {Status: 99}} {
		if f.Check() == nil {
			t.Errorf("%+v passes", f)
		}
	}
}
