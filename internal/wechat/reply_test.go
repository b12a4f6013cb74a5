package wechat

import (
	"strings"
	"testing"
	"unicode/utf8"

	"wxdispatch/internal/fault"
)

func TestParseReply(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       Reply
	}{
		{"msgid of 19 digits", `{"errcode":0,"errmsg":"ok","msgid":3717005636572528642}`, Reply{Coded: true, Message: "ok", MsgID: "3717005636572528642"}},
		{"msgid as a string", `{"errcode":0,"errmsg":"ok","msgid":"3717005636572528642"}`, Reply{Coded: true, Message: "ok", MsgID: "3717005636572528642"}},
		{"beyond int64", `{"errcode":0,"msgid":18446744073709551615}`, Reply{Coded: true, MsgID: "18446744073709551615"}},
		{"no msgid", `{"errcode":0,"errmsg":"ok"}`, Reply{Coded: true, Message: "ok"}},
		{"msgid 0 is none", `{"errcode":0,"msgid":0}`, Reply{Coded: true}},
		{"msgid as a float is none", `{"errcode":0,"msgid":3.717005636572528642e18}`, Reply{Coded: true}},
		{"msgid null is none", `{"errcode":0,"msgid":null}`, Reply{Coded: true}},
		{"msg_id", `{"errcode":45065,"errmsg":"clientmsgid exist","msg_id":3147494441}`, Reply{Coded: true, Code: 45065, Message: "clientmsgid exist", MsgID: "3147494441"}},
		{"rid", `{"errcode":40003,"errmsg":"bad openid rid: 6385c6c1-0fcadca1-22c1fc91"}`, Reply{Coded: true, Code: 40003, Message: "bad openid", RID: "6385c6c1-0fcadca1-22c1fc91"}},
		{"hint, then rid", `{"errcode":41030,"errmsg":"bad page hint: [a1] rid: a-b-c"}`, Reply{Coded: true, Code: 41030, Message: "bad page hint: [a1]", RID: "a-b-c"}},
		{"rid, then hint", `{"errcode":41030,"errmsg":"bad page, rid: a-b-c hint: [a1]"}`, Reply{Coded: true, Code: 41030, Message: "bad page hint: [a1]", RID: "a-b-c"}},
		{"rid in a word is none", `{"errcode":1,"errmsg":"grid: a-b-c"}`, Reply{Coded: true, Code: 1, Message: "grid: a-b-c"}},
		{"field", `{"errcode":47003,"errmsg":"argument invalid! data.phrase1.value invalid rid: a-b-c"}`, Reply{Coded: true, Code: 47003, Message: "argument invalid! data.phrase1.value invalid", RID: "a-b-c", Field: "data.phrase1.value"}},
		{"field of another code is none", `{"errcode":47001,"errmsg":"data.x.value"}`, Reply{Coded: true, Code: 47001, Message: "data.x.value"}},
		{"negative code", `{"errcode":-1,"errmsg":"system error"}`, Reply{Coded: true, Code: -1, Message: "system error"}},
		{"code as a string", `{"errcode":"40003"}`, Reply{Coded: true, Code: 40003}},
		{"no code", `{"msgid":12}`, Reply{MsgID: "12"}},
		{"empty object", `{}`, Reply{}},
		{"errmsg is no string", `{"errcode":1,"errmsg":[1]}`, Reply{Coded: true, Code: 1}},
	} {
		got, err := ParseReply([]byte(tc.body))
		if err != nil || got != tc.want {
			t.Errorf("%s: %+v, %v\nwant %+v", tc.name, got, err, tc.want)
		}
	}
}

func TestParseReplyRefuses(t *testing.T) {
	for _, body := range []string{"", "null", "[]", "0", "<html>", `{"errcode":0,"errmsg":"ok",}`, `{"errcode":0`,
		`{"errcode":0} trailing`, `{"errcode":1.5}`, `{"errcode":0.0}`, `{"errcode":1e3}`, `{"errcode":null}`,
		`{"errcode":""}`, `{"errcode":true}`, `{"errcode":[0]}`, `{"errcode":99999999999999999999}`} {
		if got, err := ParseReply([]byte(body)); err == nil {
			t.Errorf("%q was read as %+v", body, got)
		}
	}
}

func TestALongErrmsgIsCutButItsRIDAndFieldAreNot(t *testing.T) {
	long := strings.Repeat("错", 1000)
	got, err := ParseReply([]byte(`{"errcode":47003,"errmsg":"` + long + ` data.thing3.value bad rid: a-b-c"}`))
	if err != nil || got.RID != "a-b-c" || got.Field != "data.thing3.value" {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(got.Message) > maxWords || !utf8.ValidString(got.Message) {
		t.Fatalf("message of %d bytes, valid %v", len(got.Message), utf8.ValidString(got.Message))
	}
}

func TestReplyErr(t *testing.T) {
	if err := (Reply{Coded: true}).Err("x.y"); err != nil {
		t.Fatal(err)
	}
	err := Reply{Code: 45009, Message: "used up", RID: "a-b-c"}.Err("x.y")
	if !fault.Is(err, fault.Daily) || err.Error() != "x.y: used up (errcode 45009) rid a-b-c" {
		t.Fatal(err)
	}
}

func TestRepliesAsFound(t *testing.T) {
	for line := range strings.Lines(sample(t, "wechat/samples/error_replies.jsonl")) {
		got, err := ParseReply([]byte(line))
		switch {
		case err != nil || !got.Coded:
			t.Errorf("%s: %+v, %v", line, got, err)
		case strings.Contains(line, "rid: ") != (got.RID != ""), strings.Contains(got.Message, "rid:"):
			t.Errorf("%s: rid %q, message %q", line, got.RID, got.Message)
		case strings.Contains(line, "hint:") && !strings.Contains(got.Message, "hint: ["):
			t.Errorf("%s: the hint is lost: %q", line, got.Message)
		case strings.Contains(line, `"msg`) && len(got.MsgID) < 10:
			t.Errorf("%s: msgid %q", line, got.MsgID)
		case got.Code == 47003 && !strings.HasPrefix(got.Field, "data."):
			t.Errorf("%s: field %q", line, got.Field)
		}
	}
}

func FuzzParseReply(f *testing.F) {
	f.Add([]byte(`{"errcode":0,"errmsg":"ok","msgid":3717005636572528642}`))
	f.Add([]byte(`{"errcode":0,"errmsg":"ok"}`))
	f.Add([]byte(`{"errcode":0,"errmsg":"ok","msgid":007}`))
	f.Add([]byte(`{"errcode":0,"errmsg":"ok","msgid":371700563657252864237170056}`))
	f.Add([]byte(`{"errcode":"47003","errmsg":"data.a.value bad rid: a-b-c hint: [x]","msg_id":"12"}`))
	f.Add([]byte(`{"errcode":0,"errmsg":"ok",}`))
	if lines, err := samples("wechat/samples/error_replies.jsonl"); err == nil {
		for _, line := range lines {
			f.Add([]byte(line))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := ParseReply(body)
		if err != nil && r != (Reply{}) {
			t.Fatalf("an error and a reply: %+v", r)
		}
		if strings.Trim(r.MsgID, "0123456789") != "" || len(r.MsgID) > 20 {
			t.Fatalf("msgid %q", r.MsgID)
		}
		if len(r.Message) > maxWords || !utf8.ValidString(r.Message) {
			t.Fatalf("message %q", r.Message)
		}
		if r.RID != "" && strings.Count(r.RID, "-") != 2 {
			t.Fatalf("rid %q", r.RID)
		}
		if !r.Coded && r.Code != 0 {
			t.Fatalf("a code that was not there: %+v", r)
		}
		// A blank in front sends the same answer the long way.
		if long, failed := ParseReply(append([]byte(" "), body...)); long != r || (failed == nil) != (err == nil) {
			t.Fatalf("%+v, %v; the long way %+v, %v", r, err, long, failed)
		}
	})
}
