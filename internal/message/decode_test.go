package message

import (
	"errors"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
)

// wrap makes a message of a kind out of its body and further envelope fields.
func wrap(kind Kind, body, more string) string {
	if more != "" {
		more = "," + more
	}
	return `{"account":"shop","kind":"` + string(kind) + `","body":` + body + more + `}`
}

// tmpl is a template message with a sound body and more fields in it.
func tmpl(more string) string {
	if more != "" {
		more = "," + more
	}
	return wrap(Template, `{"touser":"o1","template_id":"t1","data":{"k":{"value":"v"}}`+more+`}`, "")
}

func tmplData(data string) string {
	return wrap(Template, `{"touser":"o1","template_id":"t1","data":`+data+`}`, "")
}

func tmplWith(more string) string {
	return wrap(Template, `{"touser":"o1","template_id":"t1","data":{"k":{"value":"v"}}}`, more)
}

func wxopen(more string) string {
	return wrap(WXOpen, `{"touser":"o1","template_id":"t1","data":{"keyword1":{"value":"v"}},`+more+`}`, "")
}

func subscribe(more string) string {
	return wrap(Subscribe, `{"touser":"o1","template_id":"t1","data":{"k":{"value":"v"}},`+more+`}`, "")
}

func onetime(scene, title, data string) string {
	return wrap(Onetime, `{"touser":"o1","template_id":"t1","scene":`+scene+`,"title":`+title+`,"data":`+data+`}`, "")
}

func uniform(parts string) string { return wrap(Uniform, `{"touser":"o1",`+parts+`}`, "") }

const weappPart = `"weapp_template_msg":{"template_id":"t1","form_id":"f1","data":{"k":{"value":"v"}}}`

func TestDecodeTakes(t *testing.T) {
	content := `{"content":{"value":"hi"}}`
	cases := []struct{ name, in string }{
		{"template", tmpl("")},
		{"byte order mark", "\ufeff" + tmpl("")},
		{"white space around", " \n" + tmpl("") + "\n "},
		{"all of the envelope", tmplWith(`"id":"a.B_c:d-1","send_at":"2026-11-22T20:00:00+08:00","expires_at":"2026-11-22T20:00:00.5+08:00","delivery":"at_least_once","permit_issued_at":"2026-11-22T12:00:00Z","batch":"spring","force":true`)},
		{"id of 64", tmplWith(`"id":"` + strings.Repeat("x", 64) + `"`)},
		{"number as value", tmplData(`{"k":{"value":6504.090}}`)},
		{"empty value", tmplData(`{"k":{"value":""}}`)},
		{"line break in value", tmplData(`{"k":{"value":"a\nb"}}`)},
		{"emoji as surrogate pair", tmplData(`{"k":{"value":"\ud83d\ude00"}}`)},
		{"Chinese placeholder", tmplData(`{"姓名":{"value":"v"}}`)},
		{"no miniprogram by empty object", tmpl(`"miniprogram":{}`)},
		{"no miniprogram by empty fields", tmpl(`"miniprogram":{"appid":"","pagepath":""}`)},
		{"pagepath", tmpl(`"miniprogram":{"appid":"wx1","pagepath":"p"}`)},
		{"appid alone", tmpl(`"miniprogram":{"appid":"wx1"}`)},
		{"wxopen without data", wrap(WXOpen, `{"touser":"o1","template_id":"t1"}`, "")},
		{"wxopen with empty data", wrap(WXOpen, `{"touser":"o1","template_id":"t1","data":{}}`, "")},
		{"form from the pool", wxopen(`"form_id":""`)},
		{"emphasis", wxopen(`"emphasis_keyword":"keyword1.DATA"`)},
		{"subscribe", subscribe(`"page":"index?a=b","miniprogram_state":"trial","lang":"zh_TW"`)},
		{"bizsend", wrap(Bizsend, `{"touser":"o1","template_id":"t1","page":"https://a.b/","data":{"k":{"value":"v"}}}`, "")},
		{"onetime scene 0", onetime("0", `"t"`, content)},
		{"onetime scene 10000", onetime("10000", `"t"`, content)},
		{"onetime scene in quotes", onetime(`"1000"`, `"t"`, content)},
		{"onetime title of 15", onetime("1", `"一二三四五六七八九十一二三四五"`, content)},
		{"onetime content of 200", onetime("1", `"t"`, `{"content":{"value":"`+strings.Repeat("字", 200)+`"}}`)},
		{"uniform weapp", uniform(weappPart)},
		{"uniform mp", uniform(`"mp_template_msg":{"appid":"wx1","template_id":"t1","data":{"k":{"value":"v"}}}`)},
		{"openid of 128", wrap(WXOpen, `{"touser":"`+strings.Repeat("o", 128)+`","template_id":"t1"}`, "")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode([]byte(c.in))
			if err != nil {
				t.Fatalf("refused: %v", err)
			}
			if len(m.Warnings) != 0 {
				t.Errorf("warned: %v", m.Warnings)
			}
			if m.Body.Kind() != m.Kind || m.Body.Recipient() == "" || len(m.Digest) != 16 {
				t.Errorf("not whole: %+v", m)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	content := `{"content":{"value":"hi"}}`
	cases := []struct{ name, in, path, words string }{
		{"nothing", "", "line 1, column 1", "is empty"},
		{"syntax", "{\n  \"id\": x}", "line 2, column 9", "invalid character 'x'"},
		{"column in characters", `{"中文": x}`, "line 1, column 8", "invalid character"},
		{"cut off", `{"id":"a"`, "line 1, column 10", "ends too early"},
		{"trailing data", tmpl("") + "\n{}", "line 2, column 1", "more follows"},
		{"array", "[]", "", "found an array"},
		{"too deep", wrap(Template, strings.Repeat(`{"a":`, 20)+"1"+strings.Repeat("}", 20), ""), "body.a.a.a*", "nested more than 16"},
		{"far too deep", strings.Repeat("[", 20000) + strings.Repeat("]", 20000), "line 1, column 100*", "depth"},
		{"too big", `{"id":"` + strings.Repeat("a", MaxSize) + `"}`, "", "1048576"},
		{"not UTF-8", tmplData("{\"k\":{\"value\":\"\xd6\xd0\"}}"), "body.data.k.value", "not UTF-8"},
		{"not UTF-8 in a name", tmplData("{\"\xd6\":{\"value\":\"\"}}"), "body.data[\"\uFFFD\"]", "not UTF-8"},
		{"control character", tmplData(`{"k":{"value":"a\u0001"}}`), "body.data.k.value", "U+0001"},
		{"NUL", tmplData(`{"k":{"value":"\u0000"}}`), "body.data.k.value", "U+0000"},
		{"half a surrogate pair", tmplData(`{"k":{"value":"\ud83dx"}}`), "body.data.k.value", "surrogate"},
		{"key twice", tmplWith(`"id":"a","id":"b"`), "id", "more than once"},
		{"key twice, once escaped", tmplData(`{"k":{"value":"a"},"\u006b":{"value":"b"}}`), "body.data.k", "more than once"},
		{"no account", `{"kind":"template","body":{}}`, "account", "missing"},
		{"bad account", `{"account":"Shop","kind":"template","body":{}}`, "account", `found "Shop"; allowed is an account's name: 1 to 32 lower-case`},
		{"account of 33", `{"account":"` + strings.Repeat("a", 33) + `"}`, "account", "1 to 32"},
		{"no kind", `{"account":"shop","body":{}}`, "kind", "template, bizsend, onetime, wxopen, uniform, subscribe"},
		{"unknown kind", `{"account":"shop","kind":"sms","body":{}}`, "kind", `found "sms"`},
		{"kind of wrong type", `{"account":"shop","kind":1,"body":{}}`, "kind", "found the number 1"},
		{"no body", `{"account":"shop","kind":"template"}`, "body", "missing"},
		{"body null", `{"account":"shop","kind":"template","body":null}`, "body", "found null"},
		{"body a string", `{"account":"shop","kind":"template","body":"{}"}`, "body", `found "{}"; allowed is an object`},
		{"empty id", tmplWith(`"id":""`), "id", "is empty; leave it out"},
		{"id with space", tmplWith(`"id":"a b"`), "id", "A-Za-z0-9_.:-"},
		{"id of 65", tmplWith(`"id":"` + strings.Repeat("x", 65) + `"`), "id", "1 to 64"},
		{"id a number", tmplWith(`"id":7`), "id", "found the number 7"},
		{"time without zone", tmplWith(`"send_at":"2026-11-22T20:00:00"`), "send_at", "RFC 3339"},
		{"time as number", tmplWith(`"send_at":1700000000`), "send_at", "found the number"},
		{"time that is none", tmplWith(`"expires_at":"2026-02-30T00:00:00Z"`), "expires_at", "RFC 3339"},
		{"unset time", tmplWith(`"send_at":"0001-01-01T00:00:00Z"`), "send_at", "leave an unset time out"},
		{"expires before", tmplWith(`"send_at":"2026-11-22T20:00:00+08:00","expires_at":"2026-11-22T12:00:00Z"`), "expires_at", "not after send_at"},
		{"bad permit time", tmplWith(`"permit_issued_at":"yesterday"`), "permit_issued_at", "RFC 3339"},
		{"bad delivery", tmplWith(`"delivery":"exactly_once"`), "delivery", "at_most_once or at_least_once"},
		{"bad batch", tmplWith(`"batch":"a/b"`), "batch", "1 to 64"},
		{"force a string", tmplWith(`"force":"true"`), "force", "true and false"},
		{"sendAt", tmplWith(`"sendAt":"2026-11-22T20:00:00+08:00"`), "sendAt", "send_at"},
		{"unknown field", tmplWith(`"colour":"red"`), "colour", "known here are id, account"},
		{"odd field name", tmplWith(`"a.b":1`), `["a.b"]`, "unknown field"},
		{"touser outside", tmplWith(`"touser":"o1"`), "touser", "belongs in body"},
		{"id inside", tmpl(`"id":"a"`), "body.id", "beside body"},
		{"client_msg_id", tmpl(`"client_msg_id":"a"`), "body.client_msg_id", "made from the message's id"},
		{"toUser", wrap(Template, `{"toUser":"o1"}`, ""), "body.toUser", "did you mean touser"},
		{"openid", wrap(Template, `{"openid":"o1"}`, ""), "body.openid", "did you mean touser"},
		{"templateId", wrap(Template, `{"templateId":"t"}`, ""), "body.templateId", "did you mean template_id"},
		{"miniProgram", tmpl(`"miniProgram":{}`), "body.miniProgram", "did you mean miniprogram"},
		{"formId", wxopen(`"formId":"f"`), "body.formId", "did you mean form_id"},
		{"pagePath", tmpl(`"miniprogram":{"appid":"wx1","pagePath":"p"}`), "body.miniprogram.pagePath", "did you mean pagepath"},
		{"page in miniprogram", tmpl(`"miniprogram":{"appid":"wx1","page":"p"}`), "body.miniprogram.page", "did you mean pagepath"},
		{"page of another kind", tmpl(`"page":"p"`), "body.page", "known here are touser"},
		{"no touser", wrap(Template, `{"template_id":"t1","data":{"k":{"value":"v"}}}`, ""), "body.touser", "missing"},
		{"empty touser", wrap(WXOpen, `{"touser":"","template_id":"t1"}`, ""), "body.touser", "is empty"},
		{"touser with space", wrap(WXOpen, `{"touser":"o 1","template_id":"t1"}`, ""), "body.touser", "without spaces"},
		{"touser of 129", wrap(WXOpen, `{"touser":"`+strings.Repeat("o", 129)+`","template_id":"t1"}`, ""), "body.touser", "1 to 128"},
		{"touser a list", wrap(WXOpen, `{"touser":["o1"],"template_id":"t1"}`, ""), "body.touser", "found an array"},
		{"no template_id", wrap(WXOpen, `{"touser":"o1"}`, ""), "body.template_id", "missing"},
		{"no data", wrap(Template, `{"touser":"o1","template_id":"t1"}`, ""), "body.data", "missing"},
		{"empty data", tmplData(`{}`), "body.data", "is empty"},
		{"data a list", tmplData(`[]`), "body.data", "found an array"},
		{"value bare", tmplData(`{"keyword1":"text"}`), "body.data.keyword1", `write {"value"`},
		{"value null", tmplData(`{"keyword1":{"value":null}}`), "body.data.keyword1.value", "found null"},
		{"value a bool", tmplData(`{"keyword1":{"value":true}}`), "body.data.keyword1.value", "found true; allowed is a string or a number"},
		{"value an object", tmplData(`{"keyword1":{"value":{}}}`), "body.data.keyword1.value", "found an object"},
		{"no value", tmplData(`{"keyword1":{}}`), "body.data.keyword1.value", "missing"},
		{"Value", tmplData(`{"keyword1":{"Value":"v"}}`), "body.data.keyword1.Value", "did you mean value"},
		{"color a number", tmplData(`{"keyword1":{"value":"v","color":1}}`), "body.data.keyword1.color", "allowed is a string"},
		{"placeholder with .DATA", tmplData(`{"first.DATA":{"value":"v"}}`), `body.data["first.DATA"]`, "without braces and .DATA"},
		{"placeholder without name", tmplData(`{"":{"value":"v"}}`), `body.data[""]`, "its name alone"},
		{"miniprogram null", tmpl(`"miniprogram":null`), "body.miniprogram", "found null"},
		{"miniprogram without appid", tmpl(`"miniprogram":{"pagepath":"p"}`), "body.miniprogram.appid", "missing"},
		{"pagepath a number", tmpl(`"miniprogram":{"appid":"wx1","pagepath":1}`), "body.miniprogram.pagepath", "allowed is a string"},
		{"path and another pagepath", tmpl(`"miniprogram":{"appid":"wx1","pagepath":"p","path":"q"}`), "body.miniprogram.path", "keep pagepath alone"},
		{"page with slash", wxopen(`"page":"/pages/index"`), "body.page", `41030): write "pages/index"`},
		{"subscribe page with slash", subscribe(`"page":"/index"`), "body.page", "41030"},
		{"mock form", wxopen(`"form_id":"the formId is a mock one"`), "body.form_id", "mock form id"},
		{"later mock form", wxopen(`"form_id":"the formId is no longer available in develop or trial version"`), "body.form_id", "mock form id"},
		{"transaction id", wxopen(`"form_id":"4200000123201811223344556677"`), "body.form_id", "transaction_id"},
		{"transaction id with prefix", wxopen(`"form_id":"prepay_id=4200000123201811223344556677"`), "body.form_id", "prepay_id"},
		{"prefix alone", wxopen(`"form_id":"prepay_id="`), "body.form_id", "is empty"},
		{"emphasis without .DATA", wxopen(`"emphasis_keyword":"keyword1"`), "body.emphasis_keyword", "keyword1.DATA"},
		{"emphasis of nothing", wxopen(`"emphasis_keyword":"keyword9.DATA"`), "body.emphasis_keyword", `no "keyword9"`},
		{"miniprogram_state", subscribe(`"miniprogram_state":"release"`), "body.miniprogram_state", "developer, trial, formal"},
		{"lang", subscribe(`"lang":"de_DE"`), "body.lang", "zh_CN, en_US, zh_HK, zh_TW"},
		{"scene 10001", onetime("10001", `"t"`, content), "body.scene", "0 to 10000"},
		{"scene -1", onetime("-1", `"t"`, content), "body.scene", "0 to 10000"},
		{"scene 1.5", onetime("1.5", `"t"`, content), "body.scene", "whole number"},
		{"scene null", onetime("null", `"t"`, content), "body.scene", "found null"},
		{"no scene and title", wrap(Onetime, `{"touser":"o1","template_id":"t1","data":`+content+`}`, ""), "body.scene", "missing"},
		{"title of 16", onetime("1", `"一二三四五六七八九十一二三四五六"`, content), "body.title", "has 16 characters"},
		{"content of 201", onetime("1", `"t"`, `{"content":{"value":"`+strings.Repeat("字", 201)+`"}}`), "body.data.content.value", "has 201 characters"},
		{"no content", onetime("1", `"t"`, `{"first":{"value":"v"}}`), "body.data.content", "missing"},
		{"more than content", onetime("1", `"t"`, `{"content":{"value":"v"},"first":{"value":"v"}}`), "body.data.first", "content only"},
		{"uniform without parts", wrap(Uniform, `{"touser":"o1"}`, ""), "body", "at least one"},
		{"uniform part null", uniform(`"weapp_template_msg":null`), "body.weapp_template_msg", "found null"},
		{"uniform template at the top", uniform(`"template_id":"t1",` + weappPart), "body.template_id", "weapp_template_msg"},
		{"uniform mp without appid", uniform(`"mp_template_msg":{"template_id":"t1","data":{"k":{"value":"v"}}}`), "body.mp_template_msg.appid", "missing"},
		{"uniform mp with page", uniform(`"mp_template_msg":{"appid":"wx1","template_id":"t1","page":"p","data":{"k":{"value":"v"}}}`), "body.mp_template_msg.page", "unknown field"},
		{"uniform mock form", uniform(`"weapp_template_msg":{"template_id":"t1","form_id":"the formId is a mock one","data":{"k":{"value":"v"}}}`), "body.weapp_template_msg.form_id", "mock"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode([]byte(c.in))
			if err == nil {
				t.Fatalf("taken: %+v", m)
			}
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("class %q", fault.ClassOf(err))
			}
			for _, f := range fields(err) {
				start, open := strings.CutSuffix(c.path, "*")
				at := f.Path == c.path || open && strings.HasPrefix(f.Path, start)
				if at && strings.Contains(f.Message, c.words) {
					return
				}
			}
			t.Errorf("no mistake at %q with %q in %v", c.path, c.words, err)
		})
	}
}

func fields(err error) []fault.Field {
	var e *fault.Error
	errors.As(err, &e)
	return e.Fields
}

func TestDecodeTellsEveryMistakeAtOnce(t *testing.T) {
	_, err := Decode([]byte(`{"id":"a b","account":"Shop","kind":"wxopen","sendAt":1,"delivery":"x","force":1,
		"body":{"toUser":"o","template_id":7,"page":"/p","form_id":"the formId is a mock one","data":{"k":{"value":null},"l":1}}}`))
	if err == nil {
		t.Fatal("taken")
	}
	got := map[string]bool{}
	for _, f := range fields(err) {
		got[f.Path] = true
	}
	for _, path := range []string{"id", "account", "sendAt", "delivery", "force", "body.toUser", "body.touser",
		"body.template_id", "body.page", "body.form_id", "body.data.k.value", "body.data.l"} {
		if !got[path] {
			t.Errorf("nothing said of %s: %v", path, err)
		}
	}
}

func TestDecodeStopsCountingMistakes(t *testing.T) {
	_, err := Decode([]byte(tmplData(`{` + strings.TrimSuffix(strings.Repeat(`"k":1,`, 5000), ",") + `}`)))
	if n := len(fields(err)); n != maxMistakes+1 {
		t.Errorf("%d mistakes told", n)
	}
}

func TestDecodeWarns(t *testing.T) {
	cases := []struct{ name, in, path, words string }{
		{"topcolor and colours, once", wrap(Template, `{"touser":"o1","template_id":"t1","topcolor":"#FF0000","data":{"a":{"value":"v","color":"#1"},"b":{"value":"v","color":"#2"}}}`, ""), "body.topcolor", "drops colours silently since May 2023"},
		{"colour alone", tmplData(`{"a":{"value":"v","color":"#173177"}}`), "body.data.a.color", "colours"},
		{"path", tmpl(`"miniprogram":{"appid":"wx1","path":"pages/index/index"}`), "body.miniprogram.path", "pagepath"},
		{"path in uniform", uniform(`"mp_template_msg":{"appid":"wx1","template_id":"t1","miniprogram":{"appid":"wx2","path":"p"},"data":{"k":{"value":"v","color":"#1"}}}`), "body.mp_template_msg.miniprogram.path", "pagepath"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := Decode([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Warnings) != 1 || m.Warnings[0].Path != c.path || !strings.Contains(m.Warnings[0].Message, c.words) {
				t.Errorf("warnings %v", m.Warnings)
			}
		})
	}
}

func TestDecodeKeepsWhatWasSaid(t *testing.T) {
	m, err := Decode([]byte(tmplWith(`"id":"a","send_at":"2026-11-22T20:00:00+08:00","expires_at":"2026-11-23T20:00:00+08:00","delivery":"at_least_once","permit_issued_at":"2026-11-22T12:00:00Z","batch":"spring","force":true`)))
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != "a" || m.Account != "shop" || m.Kind != Template || m.Delivery != AtLeastOnce || m.Batch != "spring" || !m.Force {
		t.Errorf("%+v", m)
	}
	if m.SendAt.Unix() != 1795348800 || m.ExpiresAt.Sub(m.SendAt).Hours() != 24 || !m.PermitIssuedAt.Equal(m.SendAt) {
		t.Errorf("times %v %v %v", m.SendAt, m.ExpiresAt, m.PermitIssuedAt)
	}
}
