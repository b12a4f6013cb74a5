package message

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
)

func TestWire(t *testing.T) {
	cases := []struct{ name, in, id, want string }{
		{"template", wrap(Template, `{"data":{"b":{"value":1.50},"a":{"color":"#173177","value":"<b>&\u4e2d\u2028\u2029\u007f\/\n\"\\"}},
			"miniprogram":{"path":"p","appid":"wx1"},"topcolor":"#FF0000","url":"http://a.b/?c=d&e","template_id":"t1","touser":"o1"}`, ""), "order-1",
			`{"touser":"o1","template_id":"t1","url":"http://a.b/?c=d&e","miniprogram":{"appid":"wx1","pagepath":"p"},"topcolor":"#FF0000",` +
				`"data":{"a":{"value":"<b>&中` + "\u2028\u2029\x7f" + `/\n\"\\","color":"#173177"},"b":{"value":1.50}},"client_msg_id":"order-1"}`},
		{"empty miniprogram", tmpl(`"miniprogram":{"appid":""},"url":""`), "",
			`{"touser":"o1","template_id":"t1","data":{"k":{"value":"v"}}}`},
		{"bizsend", wrap(Bizsend, `{"touser":"o1","template_id":"t1","page":"https://a.b","miniprogram":{"appid":"wx1"},"data":{"k":{"value":"v"}}}`, ""), "order-1",
			`{"touser":"o1","template_id":"t1","page":"https://a.b","miniprogram":{"appid":"wx1"},"data":{"k":{"value":"v"}}}`},
		{"onetime", onetime(`"1000"`, `"t"`, `{"content":{"value":"v","color":"red"}}`), "order-1",
			`{"touser":"o1","template_id":"t1","scene":1000,"title":"t","data":{"content":{"value":"v","color":"red"}}}`},
		{"wxopen", wxopen(`"page":"index","form_id":"prepay_id=wx22","emphasis_keyword":"keyword1.DATA"`), "order-1",
			`{"touser":"o1","template_id":"t1","page":"index","form_id":"wx22","data":{"keyword1":{"value":"v"}},"emphasis_keyword":"keyword1.DATA"}`},
		{"wxopen empty", wrap(WXOpen, `{"touser":"o1","template_id":"t1"}`, ""), "",
			`{"touser":"o1","template_id":"t1","data":{}}`},
		{"subscribe", subscribe(`"page":"index","miniprogram_state":"trial","lang":"zh_CN"`), "order-1",
			`{"touser":"o1","template_id":"t1","page":"index","miniprogram_state":"trial","lang":"zh_CN","data":{"k":{"value":"v"}}}`},
		{"uniform", uniform(`"mp_template_msg":{"appid":"wx1","template_id":"t2","url":"http://a.b","miniprogram":{"appid":"wx2","pagepath":"p"},"data":{"k":{"value":2}}},` + weappPart), "order-1",
			`{"touser":"o1","weapp_template_msg":{"template_id":"t1","form_id":"f1","data":{"k":{"value":"v"}}},` +
				`"mp_template_msg":{"appid":"wx1","template_id":"t2","url":"http://a.b","miniprogram":{"appid":"wx2","pagepath":"p"},"data":{"k":{"value":2}}}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Wire(decode(t, c.in).Body, c.id)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// Whoever adds a field to a body must add it to Wire, too.
func TestWireWritesEveryField(t *testing.T) {
	for _, b := range []Body{&TemplateBody{}, &BizsendBody{}, &OnetimeBody{}, &WXOpenBody{}, &SubscribeBody{}, &UniformBody{}} {
		fill(reflect.ValueOf(b).Elem())
		data, err := Wire(b, "")
		if err != nil {
			t.Fatalf("%T: %v", b, err)
		}
		back := reflect.New(reflect.TypeOf(b).Elem())
		if err := json.Unmarshal(data, back.Interface()); err != nil {
			t.Fatalf("%T: %v", b, err)
		}
		if !reflect.DeepEqual(back.Interface(), b) {
			t.Errorf("%T came back as %s", b, data)
		}
	}
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(Data{"k": {Value: json.RawMessage(`"v"`), Color: "red"}}))
	case reflect.String:
		v.SetString("7")
	}
}

func TestWireRefusesWhatDecodeWouldNotMake(t *testing.T) {
	value := func(raw string) Body {
		return &WXOpenBody{ToUser: "o1", Template: "t1", Data: Data{"k": {Value: json.RawMessage(raw)}}}
	}
	cases := []struct {
		name        string
		body        Body
		id          string
		path, words string
	}{
		{"no body", nil, "", "body", "<nil>"},
		{"control character", &WXOpenBody{ToUser: "o\x01"}, "", "body.touser", "U+0001"},
		{"not UTF-8", &WXOpenBody{Data: Data{"\xff": {Value: json.RawMessage("1")}}}, "", "body.data[\"\uFFFD\"]", "not UTF-8"},
		{"value escaped control", value(`"\u0000"`), "", "body.data.k.value", "U+0000"},
		{"value missing", value(``), "", "body.data.k.value", "string or number"},
		{"value an object", value(`{}`), "", "body.data.k.value", "string or number"},
		{"value no JSON", value(`x`), "", "body.data.k.value", "string or number"},
		{"scene", &OnetimeBody{Scene: "x"}, "", "body.scene", "0 to 10000"},
		{"client_msg_id", &TemplateBody{}, strings.Repeat("x", 33), "body.client_msg_id", "32"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := Wire(c.body, c.id)
			if !fault.Is(err, fault.Invalid) || out != nil {
				t.Fatalf("%s, %v", out, err)
			}
			if f := fields(err)[0]; f.Path != c.path || !strings.Contains(f.Message, c.words) {
				t.Errorf("told %v, want %q at %q", f, c.words, c.path)
			}
		})
	}
}

func TestClientMsgID(t *testing.T) {
	long := strings.Repeat("x", 33)
	cases := []struct {
		id   string
		life int
		want string // empty: a hash
	}{
		{"order-1_a.B", 1, "order-1_a.B"},
		{"order-1", 0, "order-1"},
		{strings.Repeat("x", 32), 1, strings.Repeat("x", 32)},
		{long, 1, ""},
		{"order:1", 1, ""},
		{"order-1", 2, ""},
		{"order-1", 3, ""},
	}
	seen := map[string]string{}
	for _, c := range cases {
		got := ClientMsgID(c.id, c.life)
		if c.want != "" && got != c.want {
			t.Errorf("%s in life %d: %s, want %s", c.id, c.life, got, c.want)
		}
		if c.want == "" && (len(got) != 32 || strings.Trim(got, "0123456789abcdef") != "") {
			t.Errorf("%s in life %d: %s is no hash", c.id, c.life, got)
		}
		if other, ok := seen[got]; ok && c.life > 1 {
			t.Errorf("%s in life %d shares %s with %s", c.id, c.life, got, other)
		}
		seen[got] = c.id
		if again := ClientMsgID(c.id, c.life); again != got {
			t.Errorf("%s in life %d: %s, then %s", c.id, c.life, got, again)
		}
	}
}
