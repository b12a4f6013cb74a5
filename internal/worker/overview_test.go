package worker_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/wechattest"
)

func TestTheOverviewTellsWhatIsParkedAndWhatEndedBadly(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker()
	s.sim.Block("wxmini", "oGone", 43101)
	s.sim.Inject(wechattest.Fault{AppID: "wxshop", Code: 45009})
	s.put(subscribe(t, "bad", "oGone"), template(t, "parked", "oUser"))
	s.ended("mini", "bad")
	book, poll, deadline := ledger.New(s.redis), time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer poll.Stop()
	for {
		if rec, err := book.Record(t.Context(), "shop", "parked"); err == nil && rec.State == message.Waiting {
			break
		}
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatal("the message does not wait")
		}
	}
	response, err := http.Get(w.URL() + "/")
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(response.Body)
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"parked", "WeChat&#39;s quota of the day is used up", "until 20", `href="/failed?account=mini">1<`} {
		if !strings.Contains(string(page), words) {
			t.Errorf("the overview lacks %q:\n%s", words, page)
		}
	}
	s.stop(w)
}
