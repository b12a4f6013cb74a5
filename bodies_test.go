package wxdispatch_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wxdispatch"
)

const blue = "#173177"

// typed are the messages of examples, as an app writes them in Go.
var typed = map[string]func() (*wxdispatch.Message, error){
	"template-purchase": func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("shop", wxdispatch.Template{
			ToUser: "oGZUI0egBJY1zhBYw2KhdUfwVJJE", TemplateID: "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY",
			URL: "http://weixin.qq.com/download", TopColor: "#FF0000",
			Data: wxdispatch.Data{"User": "黄先生", "Date": "06月07日 19时24分", "CardNumber": "0426", "Type": "消费",
				"Money": "人民币260.00元", "DeadTime": "06月07日19时24分", "Left": "6504.09"},
			Colors: wxdispatch.Colors{"User": blue, "Date": blue, "CardNumber": blue, "Type": blue, "Money": blue, "DeadTime": blue, "Left": blue},
		}, wxdispatch.ID("example-template-purchase"))
	},
	"bizsend": func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("shop", wxdispatch.Bizsend{
			ToUser: "oGZUI0egBJY1zhBYw2KhdUfwVJJE", TemplateID: "Tb6yHn2UjM8iK4oLp0QaZ7wSx1EdC5rFv3GtB9yNhU6",
			MiniProgram: wxdispatch.MiniProgramPage{AppID: "wx93b1d7f06c4e82a5", PagePath: "pages/orders/detail?id=20261122"},
			Data:        wxdispatch.Data{"thing1": "您的包裹已到自提柜", "character_string2": "8-1-0042", "time3": "2026年11月22日 18:00"},
		}, wxdispatch.ID("example-bizsend"))
	},
	"subscribe": func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("mini", wxdispatch.Subscribe{
			ToUser: "oQkT95bPzWn3sXm8LrYc2HdVfJ0A", TemplateID: "Zp7wLm3XcR9tYv1KsJ5dQbN8hGf2eUo0iA6xTq4rWy8",
			Page: "pages/orders/detail?id=20261122", State: "formal", Lang: "zh_CN",
			Data: wxdispatch.Data{"character_string1": "20261122-0042", "thing2": "现磨咖啡两杯", "time3": "2026年11月22日 12:30", "amount4": "¥56.00"},
		}, wxdispatch.ID("example-subscribe"))
	},
	"wxopen-hotel": func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("mini", wxdispatch.WXOpen{
			ToUser: "oQkT95bPzWn3sXm8LrYc2HdVfJ0A", TemplateID: "wDYzYZVxobJivW9oMpSCpuvACOfJXQIoKUm0PY397Tc",
			Page: "index", FormID: "8f6b2c1e9d3a47508b7e6f5a4c3d2e1f", Emphasis: "keyword1.DATA",
			Data: wxdispatch.Data{"keyword1": "339208499", "keyword2": "2015年01月05日 12:30",
				"keyword3": "粤海喜来登酒店", "keyword4": "广州市天河区天河路208号"},
			Colors: wxdispatch.Colors{"keyword1": blue, "keyword2": blue, "keyword3": blue, "keyword4": blue},
		}, wxdispatch.ID("example-wxopen-hotel"))
	},
	"uniform-weapp": func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("mini", wxdispatch.Uniform{ToUser: "oQkT95bPzWn3sXm8LrYc2HdVfJ0A", Weapp: &wxdispatch.WeappPart{
			TemplateID: "hR4nVd8pQ1yLs6TzKc0WbJ9mXe3fGu7oAi5xPq2tDk8", Page: "pages/orders/detail?id=20261122",
			FormID:   "prepay_id=wx22120000123456789abcdef012345678",
			Data:     wxdispatch.Data{"keyword1": "TIT造舰厂", "keyword2": "2026年11月22日", "keyword3": "咖啡"},
			Emphasis: "keyword3.DATA",
		}}, wxdispatch.ID("example-uniform-weapp"))
	},
	"uniform-mp": func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("mini", wxdispatch.Uniform{ToUser: "oQkT95bPzWn3sXm8LrYc2HdVfJ0A", MP: &wxdispatch.MPPart{
			AppID: "wx5e2c8a7d4f1b9036", TemplateID: "Kx2vQ8mTn0bLr5YdJ7cWfH3sPz9aEoUi6GtXqB1wRk4", URL: "http://weixin.qq.com/download",
			MiniProgram: wxdispatch.MiniProgramPage{AppID: "wx93b1d7f06c4e82a5", PagePath: "pages/index/index"},
			Data: wxdispatch.Data{"first": "抽奖结果通知", "keyword1": "最新的iphone一部,希望再接再励!!!",
				"keyword2": "恭喜你中奖啦", "remark": "点击查询详情"},
			Colors: wxdispatch.Colors{"first": blue, "keyword1": blue, "keyword2": blue, "remark": blue},
		}}, wxdispatch.ID("example-uniform-mp"))
	},
	"onetime": func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("shop", wxdispatch.Onetime{
			ToUser: "oGZUI0egBJY1zhBYw2KhdUfwVJJE", TemplateID: "Mv5cXz1LkJ7hGf3DsA9pOi0UyT4rEw8Qn6bVm2CxZl0",
			URL: "http://weixin.qq.com/download", Scene: 1000, Title: "开售提醒",
			Content: "您预约的新品将于今晚 20:00 开售。", Color: blue,
		}, wxdispatch.ID("example-onetime"))
	},
}

// A typed message is the one that the same JSON makes, to the byte.
func TestTypedMessagesAreTheExamples(t *testing.T) {
	files, err := filepath.Glob("examples/*.json")
	if err != nil || len(files) != len(typed) {
		t.Fatalf("%d examples, %d of them typed here; %v", len(files), len(typed), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := wxdispatch.Decode(text)
		if err != nil {
			t.Fatal(err)
		}
		make := typed[strings.TrimSuffix(filepath.Base(file), ".json")]
		if make == nil {
			t.Errorf("%s is not typed here", file)
			continue
		}
		same(t, file, make, want)
	}
}

func same(t *testing.T, what string, make func() (*wxdispatch.Message, error), want *wxdispatch.Message) {
	t.Helper()
	got, err := make()
	switch {
	case err != nil:
		t.Errorf("%s: %v", what, err)
	case got.Digest != want.Digest || string(got.Raw) != string(want.Raw) || !slices.Equal(got.Warnings, want.Warnings):
		t.Errorf("%s:\n got %s %v\nwant %s %v", what, got.Raw, got.Warnings, want.Raw, want.Warnings)
	}
}

func TestAllThatStandsBesideABody(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.FixedZone("", 8*3600))
	want, err := wxdispatch.Decode([]byte(`{"account":"mini","kind":"wxopen","id":"a","send_at":"2026-11-22T12:00:00Z","expires_at":"2026-11-22T13:00:00.5Z",
		"delivery":"at_least_once","permit_issued_at":"2026-11-20T12:00:00Z","batch":"spring","force":true,
		"body":{"touser":"o","template_id":"t","form_id":"wx1","data":{"k":{"value":"<&>\u2028\"\\\t 好"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "all options", func() (*wxdispatch.Message, error) {
		return wxdispatch.NewMessage("mini", wxdispatch.WXOpen{ToUser: "o", TemplateID: "t", FormID: "wx1", Data: wxdispatch.Data{"k": "<&>\u2028\"\\\t 好"}},
			wxdispatch.ID("a"), wxdispatch.SendAt(at), wxdispatch.ExpiresAt(at.Add(time.Hour+time.Second/2)), wxdispatch.Delivery(wxdispatch.AtLeastOnce),
			wxdispatch.PermitIssuedAt(at.Add(-48*time.Hour)), wxdispatch.Batch("spring"), wxdispatch.Force())
	}, want)
}

// A mistake is told as Decode tells it of the JSON that says so.
func TestTypedMistakesAreToldAsOfJSON(t *testing.T) {
	data := wxdispatch.Data{"k": "v"}
	for what, c := range map[string]struct {
		account string
		body    wxdispatch.Body
		options []wxdispatch.MessageOption
		json    string
	}{
		"nothing":    {"", wxdispatch.Template{}, nil, `{"account":"","kind":"template","body":{"touser":"","template_id":"","data":{}}}`},
		"pages":      {"mini", wxdispatch.Subscribe{ToUser: "o 1", TemplateID: "t", Page: "/a", State: "x", Lang: "fr", Data: data}, nil, `{"account":"mini","kind":"subscribe","body":{"touser":"o 1","template_id":"t","page":"/a","miniprogram_state":"x","lang":"fr","data":{"k":{"value":"v"}}}}`},
		"unsendable": {"shop", wxdispatch.Bizsend{ToUser: "o", TemplateID: "t", Data: wxdispatch.Data{"k": "a\x00b", "": "v"}}, nil, `{"account":"shop","kind":"bizsend","body":{"touser":"o","template_id":"t","data":{"k":{"value":"a\u0000b"},"":{"value":"v"}}}}`},
		"GBK":        {"shop", wxdispatch.Bizsend{ToUser: "o", TemplateID: "t", Data: wxdispatch.Data{"k": "\xd2\xd1"}}, nil, "{\"account\":\"shop\",\"kind\":\"bizsend\",\"body\":{\"touser\":\"o\",\"template_id\":\"t\",\"data\":{\"k\":{\"value\":\"\xd2\xd1\"}}}}"},
		"scene":      {"shop", wxdispatch.Onetime{ToUser: "o", TemplateID: "t", Scene: -1, Title: strings.Repeat("长", 16), Content: "c"}, nil, `{"account":"shop","kind":"onetime","body":{"touser":"o","template_id":"t","scene":"-1","title":"` + strings.Repeat("长", 16) + `","data":{"content":{"value":"c"}}}}`},
		"no part":    {"mini", wxdispatch.Uniform{ToUser: "o"}, nil, `{"account":"mini","kind":"uniform","body":{"touser":"o"}}`},
		"a colour":   {"shop", wxdispatch.Template{ToUser: "o", TemplateID: "t", Data: data, Colors: wxdispatch.Colors{"x": blue}}, nil, `{"account":"shop","kind":"template","body":{"touser":"o","template_id":"t","data":{"k":{"value":"v"},"x":{"color":"` + blue + `"}}}}`},
		"options": {"shop", wxdispatch.Template{ToUser: "o", TemplateID: "t", Data: data},
			[]wxdispatch.MessageOption{wxdispatch.ID("a b"), wxdispatch.Batch("ü"), wxdispatch.Delivery("twice"), wxdispatch.SendAt(time.Unix(0, 0)),
				wxdispatch.ExpiresAt(time.Date(2600, 1, 1, 0, 0, 0, 0, time.UTC))},
			`{"account":"shop","kind":"template","id":"a b","batch":"ü","delivery":"twice","send_at":"1970-01-01T00:00:00Z","expires_at":"2600-01-01T00:00:00Z","body":{"touser":"o","template_id":"t","data":{"k":{"value":"v"}}}}`},
	} {
		_, got := wxdispatch.NewMessage(c.account, c.body, c.options...)
		_, want := wxdispatch.Decode([]byte(c.json))
		if class(got) != wxdispatch.Invalid || got.Error() != want.Error() {
			t.Errorf("%s:\n got %v\nwant %v", what, got, want)
		}
	}
	if m, err := wxdispatch.NewMessage("shop", nil); m != nil || class(err) != wxdispatch.Invalid {
		t.Errorf("without a body: %v, %v", m, err)
	}
}
