package template

import (
	"strings"
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func TestWhatEachKeywordTakes(t *testing.T) {
	twenty, ten, five := strings.Repeat("字", 20), strings.Repeat("名", 10), "配送中途停"
	tests := []struct {
		kind string
		good []string
		bad  []string
	}{
		{"thing", []string{"现磨咖啡两杯", twenty, "a b/1", "👍"}, []string{"", " ", twenty + "字"}},
		{"number", []string{"0", "-12.50", strings.Repeat("1", 32)}, []string{"1,000", "12元", "一", strings.Repeat("1", 33), "1."}},
		{"letter", []string{"abcXYZ", strings.Repeat("a", 32)}, []string{"ab1", "字", "a b", strings.Repeat("a", 33)}},
		{"symbol", []string{"★", "!?-+~"}, []string{"!?-+~!", "a", "1"}},
		{"character_string", []string{"20261122-0042", "a b", "A#1_2"}, []string{"编号1", strings.Repeat("1", 33)}},
		{"time", []string{"15:01", "2019年10月1日 15:01", "2019-10-01 15:01:00", "09:00~18:00", "2019年10月1日 15:01~16:30", "2019/10/1"}, []string{"25:00", "15:61", "明天", "15点", "2019年13月1日 15:01", "15:01~"}},
		{"date", []string{"2019年10月1日", "2019年10月1日 15:01", "2019-10-01", "2019年10月1日~2019年10月7日"}, []string{"15:01", "2019年10月32日", "10月", "下周"}},
		{"amount", []string{"¥56.00", "56", "100元", "￥1234567890.00元", "$5"}, []string{"¥¥1", "12345678901", "1,000", "人民币260.00元", "五元"}},
		{"phone_number", []string{"+86-0766-66888866", "13800138000", "020-81167888"}, []string{"12345678901234567890", "电话", "----"}},
		{"car_number", []string{"粤A8Z888挂", "粤A8Z888", "AB12345"}, []string{"粤A8Z8888挂9", "A粤8Z888", "粤A-8888"}},
		{"name", []string{ten, "张三", "Zhang San", "阿卜杜勒·江", strings.Repeat("a", 20)}, []string{ten + "名", strings.Repeat("a", 21), "张3", "a" + ten}},
		{"phrase", []string{"配送中", five}, []string{five + "字", "ok", "配送 中"}},
		{"const", []string{"已到店", twenty}, []string{"", twenty + "字"}},
	}
	for _, tt := range tests {
		rule, ok := RuleOf(tt.kind + "12")
		if !ok {
			t.Errorf("%s has no rule", tt.kind)
			continue
		}
		for _, value := range tt.good {
			if !rule.Fits(value) {
				t.Errorf("%s refuses %q, which WeChat takes", tt.kind, value)
			}
		}
		for _, value := range tt.bad {
			if rule.Fits(value) {
				t.Errorf("%s takes %q, which WeChat refuses", tt.kind, value)
			}
		}
	}
	for _, name := range []string{"keyword1", "first", "thing", "User", "1"} {
		if r, typed := RuleOf(name); typed {
			t.Errorf("%s has the rule of %s", name, r.Type)
		}
	}
}

// taken decodes a message and returns what it fills.
func taken(t *testing.T, raw string) (*message.Message, Fill) {
	t.Helper()
	m, err := message.Decode([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	f, _ := FillOf(m)
	return m, f
}

func told(fields []fault.Field) string {
	var lines []string
	for _, f := range fields {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

func TestAMessageIsHeldAgainstItsTemplate(t *testing.T) {
	typed := Template{ID: "T", Title: "取餐提醒", Content: "取餐码:{{character_string1.DATA}}\n餐品:{{thing2.DATA}}\n时间:{{time3.DATA}}\n"}
	old := Template{ID: "T", Title: "购买成功通知", Content: "{{first.DATA}}\n商品:{{keyword1.DATA}}\n{{remark.DATA}}"}
	const subscribe = `{"id":"x","account":"mini","kind":"subscribe","body":{"touser":"o1","template_id":"T","data":{`
	const template = `{"id":"x","account":"shop","kind":"template","body":{"touser":"o1","template_id":"T","url":"https://example.com","data":{`
	const wxopen = `{"id":"x","account":"mini","kind":"wxopen","body":{"touser":"o1","template_id":"T","form_id":"abc","data":{`
	long := strings.Repeat("字", 21)
	tests := []struct {
		name               string
		template           Template
		raw                string
		mistakes, warnings []string // parts of the lines, in their order
	}{
		{"whole", typed, subscribe + `"character_string1":{"value":"A12"},"thing2":{"value":"咖啡"},"time3":{"value":"15:01"}}}}`, nil, nil},
		{"a number", typed, subscribe + `"character_string1":{"value":12},"thing2":{"value":"咖啡"},"time3":{"value":"15:01"}}}}`, nil, nil},
		{"a key lacks", typed, subscribe + `"thing2":{"value":"咖啡"},"time3":{"value":"15:01"}}}}`,
			[]string{"body.data.character_string1: missing; the template has the place and the user would read an empty one: 取餐码"}, nil},
		{"a key too many", typed, subscribe + `"character_string1":{"value":"A12"},"thing2":{"value":"咖啡"},"time3":{"value":"15:01"},"thing4":{"value":"x"}}}}`,
			[]string{"body.data.thing4: the template has no such placeholder; it has character_string1, thing2, time3"}, nil},
		{"values that do not fit", typed, subscribe + `"character_string1":{"value":"取餐"},"thing2":{"value":"` + long + `"},"time3":{"value":"明天"}}}}`,
			[]string{`body.data.character_string1.value: found "取餐" with 2 characters; character_string takes at most 32`, "body.data.thing2.value: found", `body.data.time3.value: found "明天"`}, nil},
		{"an empty value", typed, subscribe + `"character_string1":{"value":""},"thing2":{"value":"咖啡"},"time3":{"value":"15:01"}}}}`, []string{"body.data.character_string1.value"}, nil},
		{"old, without what is dropped", old, template + `"keyword1":{"value":"咖啡"}}}}`, nil, nil},
		{"old, with what is dropped", old, template + `"first":{"value":"您好"},"keyword1":{"value":"咖啡"}}}}`, nil, nil},
		{"old, too long", old, template + `"keyword1":{"value":"` + long + `"}}}}`, nil, []string{"body.data.keyword1.value: has 21 characters; WeChat shows the first 20"}},
		{"new, with what is dropped", typed, template + `"first":{"value":"您好"},"character_string1":{"value":"A12"},"thing2":{"value":"咖啡"},"time3":{"value":"15:01"}}}}`, nil, nil},
		{"a mini program's may be long", Template{Content: "商品{{keyword1.DATA}}"}, wxopen + `"keyword1":{"value":"` + long + `"}}}}`, nil, nil},
		{"empty data", Template{Content: "商品{{keyword1.DATA}}"}, wxopen + `}}}`, []string{"body.data.keyword1: missing"}, nil},
		{"emphasis", Template{Content: "商品{{keyword1.DATA}}"}, wxopen + `"keyword1":{"value":"a"},"keyword2":{"value":"b"}},"emphasis_keyword":"keyword2.DATA"}}`,
			[]string{"body.data.keyword2: the template has no such", `body.emphasis_keyword: found "keyword2.DATA"; the template has keyword1`}, nil},
		{"nothing is known of the content", Template{}, wxopen + `"keyword1":{"value":"a"}}}}`, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, fill := taken(t, tt.raw)
			mistakes, warnings := Check(tt.template, fill)
			compare(t, "mistakes", mistakes, tt.mistakes)
			compare(t, "warnings", warnings, tt.warnings)
		})
	}
}

func compare(t *testing.T, what string, got []fault.Field, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d, want %d\n%s", what, len(got), len(want), told(got))
	}
	for i, part := range want {
		if !strings.Contains(got[i].String(), part) {
			t.Errorf("%s: got %s\nwant %s in it", what, got[i], part)
		}
	}
}

func TestWhatIsDroppedIsTold(t *testing.T) {
	m, _ := taken(t, `{"id":"x","account":"shop","kind":"template","body":{"touser":"o1","template_id":"T","data":{"first":{"value":"a"},"remark":{"value":"b"},"keyword1":{"value":"c"}}}}`)
	compare(t, "warnings", Drops(m), []string{"body.data.first: WeChat shows it no more", "body.data.remark: ", "body.url: neither url nor miniprogram"})
	m, _ = taken(t, `{"id":"x","account":"shop","kind":"template","body":{"touser":"o1","template_id":"T","url":"https://example.com","data":{"keyword1":{"value":"c"}}}}`)
	compare(t, "warnings", Drops(m), nil)
	m, _ = taken(t, `{"id":"x","account":"shop","kind":"bizsend","body":{"touser":"o1","template_id":"T","data":{"thing1":{"value":"c"}}}}`)
	compare(t, "warnings", Drops(m), nil)
}

func TestAUniformMessageFillsItsWeappPartOnly(t *testing.T) {
	_, fill := taken(t, `{"id":"x","account":"mini","kind":"uniform","body":{"touser":"o1","weapp_template_msg":{"template_id":"T","form_id":"abc","data":{"keyword1":{"value":"c"}}}}}`)
	mistakes, _ := Check(Template{Content: "a{{keyword1.DATA}}b{{keyword2.DATA}}"}, fill)
	compare(t, "mistakes", mistakes, []string{"body.weapp_template_msg.data.keyword2: missing"})
	m, err := message.Decode([]byte(`{"id":"x","account":"mini","kind":"uniform","body":{"touser":"o1","mp_template_msg":{"appid":"wx1","template_id":"T","data":{"keyword1":{"value":"c"}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ours := FillOf(m); ours {
		t.Error("the template of another account is taken for ours")
	}
}

func TestAMessageIsRenderedAsItsUserReadsIt(t *testing.T) {
	old := Template{Title: "购买成功通知", Content: "{{first.DATA}}\n商品:{{keyword1.DATA}}\n数量:{{keyword2.DATA}}\n{{remark.DATA}}"}
	_, fill := taken(t, `{"id":"x","account":"shop","kind":"template","body":{"touser":"o1","template_id":"T","data":{"first":{"value":"您好"},"keyword1":{"value":"`+strings.Repeat("字", 21)+`"}}}}`)
	if got, want := Render(old, fill), "购买成功通知\n商品:"+strings.Repeat("字", 20)+"…\n数量:"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	_, fill = taken(t, `{"id":"x","account":"mini","kind":"wxopen","body":{"touser":"o1","template_id":"T","form_id":"abc","data":{"keyword1":{"value":"TIT造舰厂"}}}}`)
	if got, want := Render(Template{Title: "购买成功通知", Content: "购买地点{{keyword1.DATA}}\n"}, fill), "购买成功通知\n购买地点TIT造舰厂"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestKeywordsAreReadOffAContent(t *testing.T) {
	got := Keywords(Template{Content: "购买地点{{keyword1.DATA}}\n购买时间{{keyword2.DATA}}\n物品：{{thing3.DATA}}\n{{remark.DATA}}", Example: "购买地点TIT造舰厂\n购买时间2016年6月6日\n物品：咖啡\n"})
	want := []Keyword{{Name: "购买地点", Example: "TIT造舰厂"}, {Name: "购买时间", Example: "2016年6月6日"}, {Name: "物品", Example: "咖啡"}}
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"购买地点{{keyword1.DATA}}\n", "{{a", "}}", "{{{{a.DATA}}}}", "{{a {{b.DATA}}", "{{.DATA}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		parts, flaws := Parse(content)
		whole := ""
		for _, p := range parts {
			if p.Name != "" && !isName(p.Name) {
				t.Fatalf("%q is no name", p.Name)
			}
			if whole += p.Text; p.Name != "" {
				whole += "{{" + p.Name + ".DATA}}"
			}
		}
		if whole != content {
			t.Fatalf("the parts of %q make %q", content, whole)
		}
		for _, flaw := range flaws {
			if flaw.Why == "" || flaw.Pass == "" {
				t.Fatalf("a flaw leaves something out: %+v", flaw)
			}
		}
	})
}
