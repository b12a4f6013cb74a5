package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/wechat/wechattest"
)

// Of receipts. The token and the key are the stand-in's and serve's alone.
const (
	pushToken    = "benchtoken"
	pushKey      = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	receiptDelay = 200 * time.Millisecond
	blockedShare = 0.01 // of the users, who end as undelivered
)

// standIn is the stand-in WeChat in a process of its own.
type standIn struct{ server *wechattest.Server }

// window is what the stand-in saw of a run; moments are Unix nanoseconds.
type window struct {
	Deliveries int   `json:"deliveries"`
	Distinct   int   `json:"distinct"`
	First      int64 `json:"first"`
	Last       int64 `json:"last"`
}

// rate is the deliveries a second from the first to the last.
func (w window) rate() float64 {
	if w.Last <= w.First {
		return 0
	}
	return float64(w.Deliveries-1) / time.Duration(w.Last-w.First).Seconds()
}

func newStandIn(_ []byte, _ io.Writer) (part, error) {
	server, err := wechattest.Start(wechattest.Options{AnyApp: true})
	if err != nil {
		return nil, err
	}
	return standIn{server}, nil
}

// answer: url; wait N DURATION, how many there are by then; window; arrivals, by
// openid; late DURATION, which each answer takes from now on; push APPID URL,
// which has receipts come there; tally.
func (s standIn) answer(question string) (any, error) {
	word, rest, _ := strings.Cut(question, " ")
	switch word {
	case "url":
		return s.server.URL, nil
	case "wait":
		return s.wait(rest)
	case "window":
		return s.window(), nil
	case "arrivals":
		return s.arrivals(), nil
	case "late":
		return nil, s.late(rest)
	case "push":
		return nil, s.push(rest)
	case "tally":
		return s.tally(), nil
	case "reset":
		s.server.Reset()
		return nil, nil
	}
	return nil, fmt.Errorf("%q is no question that the stand-in answers", question)
}

func (s standIn) wait(rest string) (any, error) {
	count, within, _ := strings.Cut(rest, " ")
	n, err1 := strconv.Atoi(count)
	d, err2 := time.ParseDuration(within)
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("wait %s: wanted is a number and a time", rest)
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	_ = s.server.WaitDeliveries(ctx, n) // how far it came is the answer
	return s.server.Stats().Deliveries, nil
}

func (s standIn) late(rest string) error {
	d, err := time.ParseDuration(rest)
	if err == nil {
		s.server.Inject(wechattest.Fault{Mode: wechattest.ModeLate, Delay: d})
	}
	return err
}

func (s standIn) window() window {
	st, all := s.server.Stats(), s.server.Deliveries()
	w := window{Deliveries: int(st.Deliveries), Distinct: int(st.Distinct)}
	if len(all) == 0 {
		return w
	}
	byTime := func(a, b wechattest.Delivery) int { return a.At.Compare(b.At) }
	w.First, w.Last = slices.MinFunc(all, byTime).At.UnixNano(), slices.MaxFunc(all, byTime).At.UnixNano()
	return w
}

// push has the fate of an account's messages pushed, as WeChat's safe mode has it.
func (s standIn) push(rest string) error {
	appid, url, _ := strings.Cut(rest, " ")
	to := wechattest.Pushes{URL: url, Token: pushToken, AESKey: pushKey, Mode: wechattest.PushSafe,
		Delay: receiptDelay, Statuses: map[string]float64{"failed:user block": blockedShare}}
	if err := to.Check(); err != nil {
		return err
	}
	s.server.SetPushes(appid, &to)
	return nil
}

// tallied is what the stand-in counted, at little cost.
type tallied struct {
	Deliveries int                   `json:"deliveries"`
	Distinct   int                   `json:"distinct"`
	Pushes     wechattest.PushCounts `json:"pushes"`
}

func (s standIn) tally() tallied {
	st := s.server.Stats()
	return tallied{int(st.Deliveries), int(st.Distinct), s.server.PushCounts()}
}

func (s standIn) arrivals() map[string]int64 {
	all := map[string]int64{}
	for _, d := range s.server.Deliveries() {
		all[d.OpenID] = d.At.UnixNano()
	}
	return all
}

func (s standIn) stop() error {
	s.server.Close()
	return nil
}
