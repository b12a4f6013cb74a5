package wechattest_test

import (
	"net/http"
	"strings"
	"testing"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func TestGoodSendsAreDelivered(t *testing.T) {
	s := start(t, wechattest.Options{})
	for i, kind := range message.Kinds() {
		body := strings.Replace(good[kind], `"f1"`, `"f-`+string(kind)+`"`, 1)
		a := s.want(kind, body, 0)
		if len(a.MsgID) != 0 && len(a.MsgID) != 19 {
			t.Errorf("%s: msgid %s has not 19 digits", kind, a.MsgID)
		}
		d := s.Deliveries()[i]
		if d.Kind != kind || d.OpenID != "oA" || d.TemplateID != "T1" || d.MsgID != a.MsgID.String() || d.Key != wechattest.ContentKey([]byte(body)) {
			t.Errorf("%s: delivered %+v, answered %s", kind, d, a.raw)
		}
	}
	if n := s.Stats().Count(message.Template, "0"); n != 1 {
		t.Errorf("stats count %d template sends, want 1", n)
	}
}

func TestMsgIDsByKind(t *testing.T) {
	s := start(t, wechattest.Options{})
	named := map[message.Kind]int{}
	for range 16 {
		for _, kind := range message.Kinds() {
			body := strings.Replace(good[kind], `"f1"`, `"f`+string(kind)+`"`, 1)
			s.GrantForm(mini, "oA", "f"+string(kind))
			body = strings.Replace(body, `,"client_msg_id":"m1"`, "", 1)
			if s.want(kind, body, 0).MsgID != "" {
				named[kind]++
			}
		}
	}
	if named[message.Template] != 16 || named[message.Subscribe] == 0 || named[message.Subscribe] == 16 {
		t.Errorf("template always names a msgid, subscribe sometimes; of 16 each: %v", named)
	}
	if named[message.WXOpen]+named[message.Uniform]+named[message.Onetime] != 0 {
		t.Errorf("wxopen, uniform and onetime name none: %v", named)
	}
}

func TestBodiesThatWeChatRefuses(t *testing.T) {
	long := strings.Repeat("x", 33)
	tests := []struct {
		name     string
		kind     message.Kind
		old, new string // in the kind's good body; old "" replaces all of it
		code     int
	}{
		{"no JSON", message.Template, `}`, ``, 47001},
		{"an array", message.Template, "", `[]`, 47001},
		{"text behind", message.Template, "", good[message.Template] + "x", 47001},
		{"unicode escape", message.Template, `"1"`, `"\u4f60"`, 47002},
		{"escaped backslash before u", message.Template, `"1"`, `"\\u4f60"`, 0},
		{"broken UTF-8", message.Template, `"1"`, "\"\xff\"", 40033},
		{"empty body", message.Template, "", "", 44002},
		{"blank body", message.Template, "", " \n", 44002},
		{"too long", message.Template, `"1"`, `"` + strings.Repeat("x", 1<<20) + `"`, 45002},
		{"touser missing", message.Template, `"touser":"oA",`, ``, 41009},
		{"touser in camel case", message.Template, `touser`, `toUser`, 41009},
		{"touser malformed", message.Template, `oA`, `o A`, 40003},
		{"touser a number", message.Template, `"oA"`, `1`, 40035},
		{"template_id missing", message.Template, `"template_id":"T1",`, ``, 41011},
		{"template_id malformed", message.Template, `T1`, `T 1`, 40037},
		{"data missing", message.Template, `"data":{"keyword1":{"value":"1"}},`, ``, 41011},
		{"data of plain texts", message.Template, `{"value":"1"}`, `"1"`, 40035},
		{"data without value", message.Template, `{"value":"1"}`, `{}`, 40035},
		{"empty value", message.Template, `"1"`, `""`, 0},
		{"empty value of a subscription message", message.Subscribe, `5`, `""`, 47003},
		{"empty miniprogram", message.Template, `"data"`, `"miniprogram":{},"data"`, 40165},
		{"miniprogram of empty texts", message.Template, `"data"`, `"miniprogram":{"appid":"","pagepath":""},"data"`, 40165},
		{"miniprogram without appid", message.Template, `"data"`, `"miniprogram":{"pagepath":"a"},"data"`, 40166},
		{"good miniprogram", message.Template, `"data"`, `"miniprogram":{"appid":"wx1","pagepath":"/a"},"data"`, 0},
		{"client_msg_id of 33", message.Template, `m1`, long, 45067},
		{"client_msg_id of 32", message.Template, `m1`, long[1:], 0},
		{"page with a slash", message.WXOpen, `"data"`, `"page":"/a","data"`, 41030},
		{"page with a slash", message.Subscribe, `"data"`, `"page":"/a","data"`, 41030},
		{"page that is a URL", message.Bizsend, `"data"`, `"page":"/a","data"`, 0},
		{"page with a slash", message.Uniform, `"data"`, `"page":"/a","data"`, 41030},
		{"form_id missing", message.WXOpen, `"form_id":"f1",`, ``, 41028},
		{"form_id missing", message.Uniform, `"form_id":"f1",`, ``, 41028},
		{"no part", message.Uniform, "", `{"touser":"oA"}`, 41011},
		{"mp part alone", message.Uniform, "", `{"touser":"oA","mp_template_msg":{"appid":"wxo","template_id":"T","data":{}}}`, 0},
		{"mp part without appid", message.Uniform, "", `{"touser":"oA","mp_template_msg":{"template_id":"T","data":{}}}`, 41011},
		{"unknown state", message.Subscribe, `"data"`, `"miniprogram_state":"beta","data"`, 40035},
		{"unknown language", message.Subscribe, `"data"`, `"lang":"de_DE","data"`, 40035},
		{"scene too high", message.Onetime, `"10"`, `10001`, 40035},
		{"scene missing", message.Onetime, `"scene":"10",`, ``, 41011},
		{"title too long", message.Onetime, `"hi"`, `"` + strings.Repeat("长", 16) + `"`, 45003},
		{"title of 15", message.Onetime, `"hi"`, `"` + strings.Repeat("长", 15) + `"`, 0},
		{"content too long", message.Onetime, `"x"`, `"` + strings.Repeat("长", 201) + `"`, 45002},
		{"content missing", message.Onetime, `content`, `thing1`, 41011},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind)+"/"+tt.name, func(t *testing.T) {
			s := start(t, wechattest.Options{})
			body := tt.new
			if tt.old != "" {
				body = strings.Replace(good[tt.kind], tt.old, tt.new, 1)
			}
			a := s.want(tt.kind, body, tt.code)
			if tt.code != 0 {
				s.wantDeliveries(0)
				if !strings.Contains(a.ErrMsg, " rid: ") {
					t.Errorf("errmsg %q names no rid", a.ErrMsg)
				}
			}
		})
	}
}

func TestCallsThatGetNoFurtherThanTheirToken(t *testing.T) {
	s := start(t, wechattest.Options{})
	path := message.Template.Path()
	tests := []struct {
		name, method, path string
		code               int
	}{
		{"GET", http.MethodGet, s.path(message.Template), 43002},
		{"no token", http.MethodPost, path, 41001},
		{"malformed token", http.MethodPost, path + "?access_token=x", 40014},
		{"unknown token", http.MethodPost, path + "?access_token=98_" + strings.Repeat("x", 128), 40001},
		{"the other account type", http.MethodPost, path + "?access_token=" + s.Token(mini), 48001},
	}
	for _, tt := range tests {
		if a := s.must(tt.method, tt.path, good[message.Template]); a.ErrCode != tt.code {
			t.Errorf("%s answers %s, want errcode %d", tt.name, a.raw, tt.code)
		}
	}
	s.wantDeliveries(0)
	if st := s.Stats(); st.Calls != int64(len(tests)) {
		t.Errorf("%d calls counted, want %d", st.Calls, len(tests))
	}
}

func TestWithdrawnInterfaces(t *testing.T) {
	s := start(t, wechattest.Options{})
	for kind, code := range map[message.Kind]int{message.WXOpen: 45103, message.Uniform: 45109} {
		s.Withdraw(kind)
		s.want(kind, good[kind], code)
	}
	s.want(message.Subscribe, good[message.Subscribe], 0)
}

func TestUniformSendsItsWeappPart(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.SetTemplates(mini, "T1")
	both := `{"touser":"oA","mp_template_msg":{"appid":"wxo","template_id":"TM","data":{}},"weapp_template_msg":{"template_id":"T1","form_id":"f1","data":{}}}`
	s.want(message.Uniform, both, 0)
	if d := s.Deliveries()[0]; d.TemplateID != "T1" || d.FormID != "f1" {
		t.Errorf("delivered %+v, want the weapp part", d)
	}
	s.want(message.Uniform, both, 41029)
	s.want(message.Uniform, `{"touser":"oA","mp_template_msg":{"appid":"wxo","template_id":"TM","data":{}}}`, 0)
}

func TestBlockedUsersAndUnknownTemplates(t *testing.T) {
	s := start(t, wechattest.Options{})
	s.Block(official, "oA", 43004)
	s.want(message.Template, good[message.Template], 43004)
	s.Block(official, "oA", 0)
	s.SetTemplates(official, "T2", "T3")
	s.want(message.Template, good[message.Template], 40037)
	s.SetTemplates(official)
	s.want(message.Template, good[message.Template], 0)
}

func TestUnknownAppPanicsWithWords(t *testing.T) {
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "wxnobody") || !strings.Contains(text, mini) {
			t.Errorf("panic %q names neither the wrong app nor the known ones", text)
		}
	}()
	wechattest.New(wechattest.Options{Apps: []wechattest.App{{AppID: mini}}}).GrantForm("wxnobody", "oA", "f")
}
