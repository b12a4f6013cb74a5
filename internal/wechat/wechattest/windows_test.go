package wechattest_test

import (
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func TestClientMsgIDWindow(t *testing.T) {
	s := start(t, wechattest.Options{})
	body := good[message.Template]
	first := s.want(message.Template, body, 0)
	s.clock.pass(10*time.Minute - time.Second)
	if again := s.want(message.Template, body, 0); again.MsgID != first.MsgID {
		t.Errorf("a repeat answers msgid %s, want the first one's %s", again.MsgID, first.MsgID)
	}
	s.wantDeliveries(1)
	s.want(message.Template, strings.Replace(body, "oA", "oB", 1), 0)
	s.want(message.Template, strings.Replace(body, "m1", "m2", 1), 0)
	s.wantDeliveries(3)
	s.clock.pass(time.Second)
	s.want(message.Template, body, 0)
	s.wantDeliveries(4)
	st := s.Stats()
	if st.Repeats != 1 || st.Doubled != 1 || st.Duplicates != 2 { // m2 and the late m1 ring with what m1 said
		t.Errorf("repeats %d, doubled %d, duplicates %d, want 1, 1, 2: %+v", st.Repeats, st.Doubled, st.Duplicates, s.Delivered())
	}
}

func TestDuplicateAnswers(t *testing.T) {
	for _, code := range []int{45065, 40241} {
		s := start(t, wechattest.Options{})
		s.SetDuplicateAnswer(code)
		first := s.want(message.Template, good[message.Template], 0)
		again := s.want(message.Template, good[message.Template], code)
		if code == 45065 && again.OldMsgID != first.MsgID {
			t.Errorf("45065 names msg_id %s, want %s", again.OldMsgID, first.MsgID)
		}
		s.wantDeliveries(1)
	}
}

func TestOtherKindsHaveNoWindow(t *testing.T) {
	s := start(t, wechattest.Options{})
	body := strings.Replace(good[message.Subscribe], `{`, `{"client_msg_id":"m1",`, 1)
	s.want(message.Subscribe, body, 0)
	s.want(message.Subscribe, body, 0)
	if doubles := s.Doubled(); len(doubles) != 1 || doubles[0].Count != 2 {
		t.Errorf("doubled %v, want the one message twice", doubles)
	}
}
