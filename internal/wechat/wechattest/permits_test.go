package wechattest_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func form(openid, code string) string {
	return fmt.Sprintf(`{"touser":%q,"template_id":"T1","form_id":%q,"data":{}}`, openid, code)
}

func TestPermits(t *testing.T) {
	s := start(t, wechattest.Options{StrictPermits: true})
	s.GrantForm(mini, "oA", "f1")
	s.GrantForm(mini, "oA", "f2")
	s.GrantPayment(mini, "oA", "wx1")
	s.GrantForm(mini, "oA", "old")
	s.want(message.WXOpen, form("oA", "nobody's"), 41028)
	s.want(message.WXOpen, form("oB", "f1"), 41028)
	s.want(message.WXOpen, form("oA", "f1"), 0)
	s.want(message.WXOpen, form("oA", "f1"), 41029)
	for range 3 {
		s.want(message.WXOpen, form("oA", "wx1"), 0)
	}
	s.want(message.WXOpen, form("oA", "wx1"), 41029)
	if !s.ExpirePermit(mini, "old") || s.ExpirePermit(mini, "nobody's") {
		t.Error("ExpirePermit does not tell what it knows")
	}
	s.want(message.WXOpen, form("oA", "old"), 41028)
	s.clock.pass(7*24*time.Hour - time.Second)
	if left, known := s.PermitLeft(mini, "f2"); left != 1 || !known {
		t.Errorf("f2 has %d uses left (known %t), want 1", left, known)
	}
	s.clock.pass(time.Second)
	s.want(message.WXOpen, form("oA", "f2"), 41028)
	s.wantDeliveries(4)
}

func TestPermitsOnFirstSight(t *testing.T) {
	s := start(t, wechattest.Options{})
	for code, uses := range map[string]int{
		"f1":                       1,
		"wx29100000000000000":      3,
		"the formId is a mock one": 0,
		"prepay_id=wx29":           0,
		"4200001234567890":         0,
	} {
		for range uses {
			s.want(message.WXOpen, form("oA", code), 0)
		}
		want := 41029
		if uses == 0 {
			want = 41028
		}
		s.want(message.WXOpen, form("oA", code), want)
	}
	s.want(message.WXOpen, form("oB", "f1"), 41028)
}

func TestOnePaymentIsGoodForThreeHoweverManyAsk(t *testing.T) {
	s := start(t, wechattest.Options{StrictPermits: true})
	s.GrantPayment(mini, "oA", "wx1")
	path := s.path(message.WXOpen)
	var ok, used atomic.Int32
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			a, err := s.do(t.Context(), "POST", path, form("oA", "wx1"))
			switch {
			case err != nil:
				t.Error(err)
			case a.ErrCode == 0:
				ok.Add(1)
			case a.ErrCode == 41029:
				used.Add(1)
			}
		})
	}
	all.Wait()
	if ok.Load() != 3 || used.Load() != 197 {
		t.Errorf("%d accepted and %d refused as used, want 3 and 197", ok.Load(), used.Load())
	}
	s.wantDeliveries(3)
	if st := s.Stats(); st.Distinct != 1 || st.Doubled != 1 || st.Duplicates != 2 {
		t.Errorf("one body three times counts as %+v", st)
	}
}

func TestConsents(t *testing.T) {
	s := start(t, wechattest.Options{Consents: true})
	body := good[message.Subscribe]
	s.want(message.Subscribe, body, 43101)
	s.GrantConsent(mini, "oA", "T1", 1)
	s.GrantConsent(mini, "oA", "T1", 1) // they add up
	s.want(message.Subscribe, body, 0)
	s.want(message.Subscribe, body, 0)
	s.want(message.Subscribe, body, 43101)
	s.GrantConsent(mini, "oA", "T1", wechattest.LongTerm)
	for range 5 {
		s.want(message.Subscribe, body, 0)
	}
	s.GrantConsent(mini, "oA", "T1", 0)
	s.want(message.Subscribe, body, 43101)
	s.want(message.Onetime, good[message.Onetime], 43101)
	s.want(message.Template, good[message.Template], 0)
	s.SetConsents(false)
	s.want(message.Subscribe, body, 0)
}
