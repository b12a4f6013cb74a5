package lint

import (
	"slices"
	"strings"
	"testing"

	"wxdispatch/internal/template"
)

// Each title alone, and the rules that it breaks.
func TestTitles(t *testing.T) {
	tests := []struct{ title, rules string }{
		// what reviewers take
		{"订单支付成功通知", ""}, {"订单发货提醒", ""}, {"预约成功通知", ""}, {"酒店预订成功通知", ""}, {"退款到账通知", ""},
		{"快递派送提醒", ""}, {"取餐提醒", ""}, {"排队叫号提醒", ""}, {"课程开始提醒", ""}, {"会员到期提醒", ""}, {"账单生成通知", ""},
		{"还款提醒", ""}, {"物流状态更新通知", ""}, {"工单处理结果通知", ""}, {"就诊提醒", ""}, {"VIP到期提醒", ""}, {"航班延误通知", ""},
		{"訂單支付成功通知", ""}, {"入会申请通知", ""}, {"充值成功通知", ""}, {"缺货通知", ""}, {"投诉处理通知", ""}, {"电费缴纳提醒", ""},
		{"体检报告生成通知", ""}, {"合同签署提醒", ""},
		// the ending
		{"订单支付成功", TitleEnding}, {"订单支付成功通告", TitleEnding}, {"通知订单支付成功", TitleEnding}, {"支付成功消息", TitleEnding},
		{"发货信息", TitleEnding}, {"预约成功通知单", TitleEnding}, {"退款告知", TitleEnding}, {"", TitleEnding + " " + TitleScene},
		// traditional endings are the same ones
		{"訂單發貨提醒", ""}, {"发货通知 ", Symbol},
		// symbols
		{"订单支付成功通知!", Symbol}, {"订单支付成功！通知", Symbol}, {"【订单】支付成功通知", Symbol}, {"订单 支付成功通知", Symbol},
		{"订单支付成功通知🎉", Symbol}, {"订单-支付成功通知", Symbol}, {"订单（线上）支付成功通知", Symbol}, {"订单支付成功通知\u200b", Symbol},
		{"★发货提醒", Symbol}, {"订单/支付成功通知", Symbol}, {"#退款到账通知", Symbol},
		// no scene
		{"通知", TitleScene}, {"提醒", TitleScene}, {"消息通知", TitleScene}, {"服务提醒", TitleScene}, {"系统通知", TitleScene}, {"温馨提醒", TitleScene},
		{"重要通知", TitleScene}, {"業務通知", TitleScene},
		// personal
		{"您的订单支付成功通知", TitlePersonal}, {"我的预约提醒", TitlePersonal}, {"亲爱的用户还款提醒", TitlePersonal}, {"你有新订单提醒", TitlePersonal},
		// marketing
		{"优惠券到账通知", Marketing}, {"優惠券到賬通知", Marketing}, {"红包领取提醒", Marketing}, {"代金券过期提醒", Marketing}, {"会员卡开通通知", Marketing},
		{"積分变动提醒", Marketing}, {"活动开始通知", Marketing}, {"购物返利提醒", Marketing}, {"消费优惠提醒", Marketing}, {"商品更新通知", Marketing},
		{"限时秒杀提醒", Marketing}, {"新品上架通知", Marketing}, {"抽奖结果通知", Marketing}, {"红-包领取提醒", Marketing + " " + Symbol},
		{"促销活动", Marketing + " " + TitleEnding}, {"您的優惠券!", Marketing + " " + Symbol + " " + TitleEnding + " " + TitlePersonal},
	}
	for _, tt := range tests {
		t.Run(tt.title, func(t *testing.T) { broken(t, Check([]Subject{{Place: "x", Title: tt.title}}), tt.rules) })
	}
	t.Logf("%d titles", len(tests))
}

// Titles beside each other.
func TestTitlesBesideEachOther(t *testing.T) {
	tests := []struct{ first, second, rules string }{
		{"订单支付成功通知", "订单支付成功通知", TitleDuplicate}, {"订单支付成功通知", "訂單支付成功通知", TitleDuplicate},
		{"VIP到期提醒", "ｖｉｐ到期提醒", TitleDuplicate}, {"订单支付成功通知", "订单支付成功提醒", TitleSimilar},
		{"酒店预订成功通知", "酒店预定成功通知", TitleSimilar}, {"订单发货提醒", "订单发货了提醒", TitleSimilar}, {"课程开课提醒", "课程开课通知", TitleSimilar},
		{"订单支付成功通知", "订单支付失败通知", ""}, {"收款成功提醒", "付款成功提醒", ""}, {"到店提醒", "离店提醒", ""}, {"订单审核通过通知", "订单审核不通过通知", ""},
		{"预约成功通知", "预约取消通知", ""}, {"退款成功通知", "退货成功通知", ""}, {"还款提醒", "就诊提醒", ""}, {"订单发货提醒", "订单签收提醒", ""},
	}
	for _, tt := range tests {
		t.Run(tt.first+" "+tt.second, func(t *testing.T) {
			broken(t, Check([]Subject{{Place: "x", Title: tt.first}, {Place: "y", Title: tt.second}}), tt.rules)
		})
	}
	t.Logf("%d pairs", len(tests))
}

// Keywords with their examples, as name=example, and the rules that they break.
func TestKeywordsAndExamples(t *testing.T) {
	tests := []struct{ keywords, rules string }{
		{"订单编号=20261122-0042 下单时间=2026年11月22日 18:00 订单金额=¥56.00", ""}, {"预约时间=06月07日 19时24分", ""}, {"预约时间=15:01", ""},
		{"开始时间=2026-11-22 09:00 结束时间=2026-11-22 18:00", ""}, {"取餐时间=明天上午", ""}, {"截止日期=2026/11/22", ""}, {"支付金额=人民币260.00元", ""},
		{"订单金额=1,280.00元", ""}, {"退款金额=$12.5", ""}, {"账户余额=6504.09", ""}, {"联系电话=020-81167888", ""}, {"手机号=138****8000", ""},
		{"车牌号=粤A8Z888", ""}, {"快递单号=SF1234567890", ""}, {"商品数量=2件", ""}, {"就餐人数=4", ""}, {"客户姓名=黄先生", ""}, {"收货人=王*明", ""},
		{"取货地址=广州市海珠区新港中路397号", ""}, {"订单状态=已发货", ""}, {"联系邮箱=service@example.com", ""}, {"服务时长=30分钟", ""}, {"折扣比例=15%", ""},
		{"有效期=2026年12月31日", ""}, {"审核结果=通过", ""}, {"商品名称=现磨咖啡两杯", ""}, {"收款时间=15:01 付款时间=15:02", ""}, {"到店时间 离店时间", ""},
		{"发货地址 收货地址", ""}, {"温度=26", ""}, {"下单时间", ""},
		// examples that do not fit
		{"预约时间=尽快", ExampleMismatch}, {"下单时间=260.00元", ExampleMismatch}, {"截止日期=黄先生", ExampleMismatch}, {"订单金额=2026年11月22日", ExampleMismatch},
		{"支付金额=很多", ExampleMismatch}, {"訂單金額=待定", ExampleMismatch}, {"联系电话=黄先生", ExampleMismatch}, {"手机号=见短信", ExampleMismatch},
		{"车牌号=停在门口", ExampleMismatch}, {"快递单号=顺丰速运", ExampleMismatch}, {"商品数量=若干", ExampleMismatch}, {"客户姓名=13800138000", ExampleMismatch},
		{"取货地址=18:00", ExampleMismatch}, {"取货地址=2026年11月22日", ExampleMismatch}, {"订单状态=260.00", ExampleMismatch}, {"联系邮箱=020-81167888", ExampleMismatch},
		{"服务时长=黄先生", ExampleMismatch}, {"退款金额=黄先生 退款时间=明天的事", ExampleMismatch + " "}, {"费率比例=高", ExampleMismatch},
		// too broad
		{"内容=您的包裹已到", KeywordBroad}, {"信息", KeywordBroad}, {"備註", KeywordBroad}, {"备注1", KeywordBroad}, {"详情", KeywordBroad}, {"内容一", KeywordBroad},
		{"說明", KeywordBroad}, {"通知内容", KeywordBroad}, {"其它", KeywordBroad},
		// symbols
		{"订单号：=123", Symbol}, {"金额(元)=56.00", Symbol}, {"★状态=已发货", Symbol}, {"收货人👤=黄先生", Symbol}, {"订单_号=1", Symbol},
		// twice and nearly twice
		{"订单编号 订单编号", KeywordDuplicate}, {"订单编号 訂單編號", KeywordDuplicate}, {"订单号 订单号码", KeywordSimilar}, {"订单支付时间 订单支付的时间", KeywordSimilar},
		{"商品购买数量 商品购入数量", KeywordSimilar}, {"订单金额 订单编号", ""}, {"购买时间 购买地点", ""}, {"上车地点 下车地点", ""},
		// advertising in examples
		{"商品名称=全场促销抢购中", Marketing}, {"活动名称=点击领取红包", Marketing},
	}
	for _, tt := range tests {
		t.Run(tt.keywords, func(t *testing.T) {
			s := Subject{Place: "x", Title: "订单支付成功通知"}
			for _, pair := range split(tt.keywords) {
				name, example, _ := strings.Cut(pair, "=")
				s.Keywords = append(s.Keywords, template.Keyword{Name: name, Example: example})
			}
			broken(t, Check([]Subject{s}), strings.TrimSpace(tt.rules))
		})
	}
	t.Logf("%d sets of keywords", len(tests))
}

// split cuts at blanks in front of a keyword; those within an example stay.
func split(text string) []string {
	var pairs []string
	for _, word := range strings.Split(text, " ") {
		if n := len(pairs); n > 0 && strings.Contains(pairs[n-1], "=") && !strings.Contains(word, "=") && strings.ContainsAny(word, "0123456789") {
			pairs[n-1] += " " + word
			continue
		}
		pairs = append(pairs, word)
	}
	return pairs
}

func TestContents(t *testing.T) {
	tests := []struct{ content, rules string }{
		{"购买地点{{keyword1.DATA}}\n购买时间{{keyword2.DATA}}\n", ""}, {"{{first.DATA}}\n金额：{{amount1.DATA}}\n{{remark.DATA}}", ""},
		{"购买地点{{keyword1}}", Placeholder}, {"购买地点{{购买地点.DATA}}", Placeholder}, {"购买地点{{keyword1.data}}", Placeholder}, {"购买地点{{ keyword1.DATA }}", Placeholder},
		{"购买地点{{}}", Placeholder}, {"购买地点{{.DATA}}", Placeholder}, {"购买地点{{keyword1.DATA", Placeholder}, {"购买地点keyword1.DATA}}", Placeholder},
		{"购买地点{{keyword1.DATA}}{{keyword2}}", Placeholder}, {"购买地点{{请填写}}", Placeholder}, {"购买地点{{a {{keyword1.DATA}}", Placeholder},
		{"购买地点{{keyword1.DATA}}\n购买时间{{keyword1.DATA}}", PlaceholderDouble}, {"购买地点{keyword1.DATA}", ""},
	}
	for _, tt := range tests {
		t.Run(tt.content, func(t *testing.T) { broken(t, Check([]Subject{{Place: "x", Content: tt.content}}), tt.rules) })
	}
	t.Logf("%d contents", len(tests))
}

// broken compares the rules that findings name, each once, and that each says
// all that a person needs.
func broken(t *testing.T, findings []Finding, want string) {
	t.Helper()
	var rules []string
	for _, f := range findings {
		if !slices.Contains(rules, f.Rule) {
			rules = append(rules, f.Rule)
		}
		if f.Place == "" || f.Why == "" || f.Pass == "" {
			t.Errorf("a finding leaves something out: %+v", f)
		}
	}
	slices.Sort(rules)
	wanted := strings.Fields(want)
	slices.Sort(wanted)
	if !slices.Equal(rules, wanted) {
		t.Errorf("got %v, want %v\n%+v", rules, wanted, findings)
	}
}

// What is proposed for a title passes itself.
func TestWhatWouldPassPasses(t *testing.T) {
	for _, title := range []string{"订单支付成功", "订单-支付成功通知", "发货通知 ", "您的优惠券到账!", "消息", "★發貨提醒", "退款告知"} {
		for _, f := range Check([]Subject{{Place: "x", Title: title}}) {
			if f.Rule != TitleEnding && f.Rule != Symbol {
				continue
			}
			proposed, _, _ := strings.Cut(f.Pass, " or ")
			if _, example, has := strings.Cut(f.Pass, "as "); has {
				proposed = example
			}
			broken(t, Check([]Subject{{Place: "x", Title: proposed}}), "")
		}
	}
}
