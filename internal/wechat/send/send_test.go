package send_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
	"wxdispatch/internal/wechat/send"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "SECRET/token+"

// to makes a sender to a server that answers with handle.
func to(t *testing.T, handle http.HandlerFunc) *send.Sender {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	c, err := wechat.NewClient(wechat.Options{BaseURL: s.URL, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return send.New(c)
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func data() message.Data {
	return message.Data{"thing1": {Value: json.RawMessage(`"<茶 & Brot>"`)}}
}

// bodies has one body of each kind.
func bodies() map[message.Kind]message.Body {
	return map[message.Kind]message.Body{
		message.Template:  &message.TemplateBody{ToUser: "oUser", Template: "T", Data: data()},
		message.Bizsend:   &message.BizsendBody{ToUser: "oUser", Template: "T", Data: data()},
		message.Onetime:   &message.OnetimeBody{ToUser: "oUser", Template: "T", Scene: "1", Title: "x", Data: data()},
		message.WXOpen:    &message.WXOpenBody{ToUser: "oUser", Template: "T", FormID: "F", Data: data()},
		message.Subscribe: &message.SubscribeBody{ToUser: "oUser", Template: "T", Data: data()},
		message.Uniform:   &message.UniformBody{ToUser: "oUser", Weapp: &message.WeappPart{Template: "T", FormID: "F", Data: data()}},
	}
}

func TestEachKindIsSentAsItsWire(t *testing.T) {
	for kind, body := range bodies() {
		t.Run(string(kind), func(t *testing.T) {
			var path, asked, got string
			s := to(t, func(w http.ResponseWriter, r *http.Request) {
				sent, _ := io.ReadAll(r.Body)
				path, asked, got = r.URL.Path, r.URL.Query().Get("access_token"), string(sent)
				says(`{"errcode":0,"errmsg":"ok","msgid":"3717005636572528642"}`)(w, r)
			})
			answer := s.Send(t.Context(), &message.Message{Kind: kind, Body: body}, token, "order-1")
			if answer.Class != fault.OK || answer.Code != 0 || answer.MsgID != "3717005636572528642" || answer.Took <= 0 {
				t.Fatalf("%+v", answer)
			}
			want, err := message.Wire(body, "order-1")
			if err != nil || got != string(want) || path != kind.Path() || asked != token {
				t.Errorf("path %s, body %s, want %s (%v)", path, got, want, err)
			}
			if strings.Contains(got, "order-1") != (kind == message.Template) || strings.Contains(got, `\u`) {
				t.Errorf("body %s", got)
			}
		})
	}
}

func TestWhatAnAnswerTells(t *testing.T) {
	m := &message.Message{Kind: message.Template, Body: bodies()[message.Template]}
	for _, tc := range []struct {
		reply string
		want  message.Answer
	}{
		{`{"errcode":40001,"errmsg":"invalid credential SECRET/token+ rid: a-b-c"}`,
			message.Answer{Class: fault.Token, Code: 40001, Message: "invalid credential [secret]", RID: "a-b-c"}},
		{`{"errcode":47003,"errmsg":"argument invalid! data.thing3.value is emtpy rid: a-b-c"}`,
			message.Answer{Class: fault.Payload, Code: 47003, Message: "argument invalid! data.thing3.value is emtpy", RID: "a-b-c"}},
		{`{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":3147494441}`,
			message.Answer{Class: fault.Duplicate, Code: 45065, Message: "clientmsgid exist", MsgID: "3147494441"}},
		{`{"errcode":48001,"errmsg":"no"}`,
			message.Answer{Class: fault.Account, Code: 48001, Message: "no", Hold: message.Hold{Scope: message.ScopeKind}}},
		{`{"errcode":89506,"errmsg":"no"}`,
			message.Answer{Class: fault.Account, Code: 89506, Message: "no", Hold: message.Hold{Scope: message.ScopeAccount, For: 24 * time.Hour}}},
		{`{"errcode":77777,"errmsg":"new"}`, message.Answer{Class: fault.Unknown, Code: 77777, Message: "new"}},
		{`{}`, message.Answer{Class: fault.Unanswered, Message: "HTTP 200: the answer has no errcode"}},
	} {
		got := to(t, says(tc.reply)).Send(t.Context(), m, token, "id")
		if got.Took <= 0 {
			t.Errorf("%s took %v", tc.reply, got.Took)
		}
		if got.Took = 0; got != tc.want {
			t.Errorf("%s:\n%+v, want\n%+v", tc.reply, got, tc.want)
		}
	}
}

func TestWhatCannotBeSentIsNotCalled(t *testing.T) {
	s := to(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	bad := message.Data{"thing1": {Value: json.RawMessage(`[`)}}
	for class, m := range map[fault.Class]*message.Message{
		fault.Payload: {Kind: message.Template, Body: &message.TemplateBody{ToUser: "o", Template: "T", Data: bad}},
		fault.Caller:  {Kind: "pigeon", Body: bodies()[message.Template]},
	} {
		if got := s.Send(t.Context(), m, token, ""); got.Class != class || got.Message == "" || got.Code != 0 {
			t.Errorf("%+v, want class %s", got, class)
		}
	}
	if got := s.Send(t.Context(), &message.Message{Kind: message.Template}, token, ""); got.Class != fault.Payload {
		t.Errorf("no body: %+v", got)
	}
}

func TestALostCallIsNoErrcodeAndTellsNoToken(t *testing.T) {
	m := &message.Message{Kind: message.Subscribe, Body: bodies()[message.Subscribe]}
	hangUp := to(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprintf(conn, "%s\r\n\r\n", r.URL)
		_ = conn.Close()
	})
	away, err := wechat.NewClient(wechat.Options{BaseURL: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	for class, s := range map[fault.Class]*send.Sender{fault.Unanswered: hangUp, fault.Unsent: send.New(away)} {
		got := s.Send(t.Context(), m, token, "")
		if got.Class != class || got.Code != 0 || got.Message == "" {
			t.Errorf("%+v, want class %s", got, class)
		}
		if strings.Contains(fmt.Sprintf("%+v", got), "SECRET") {
			t.Errorf("the token was told: %+v", got)
		}
	}
}
