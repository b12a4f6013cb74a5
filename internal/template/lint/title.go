package lint

import (
	"slices"
	"strings"
	"unicode"
)

// endings are the two that WeChat's titles may have.
var endings = []string{"提醒", "通知"}

// personal speaks to somebody, or for somebody.
var personal = []string{"我", "你", "您", "咱", "俺", "亲爱", "亲们", "宝贝", "宝宝们", "大家", "小主", "老板"}

// scenes name no service: a title needs more.
var scenes = []string{"", "消息", "服务", "系统", "温馨", "重要", "信息", "状态", "业务", "最新", "平台", "官方", "公告", "内容", "事项", "模板",
	"普通", "日常", "一般", "新消息", "服务消息", "系统消息", "消息服务", "信息服务", "服务状态", "状态更新", "进度", "结果", "友情", "特别"}

// advertising are WeChat's own examples, and what else reviewers take for it.
var advertising = []string{"消费优惠", "购物返利", "商品更新", "优惠券", "代金券", "红包", "会员卡", "积分", "活动",
	"优惠", "返利", "返现", "促销", "打折", "折扣", "特价", "特惠", "秒杀", "抽奖", "中奖", "大奖", "福利", "赠品", "赠送", "免费", "满减",
	"拼团", "团购", "砍价", "上新", "新品", "清仓", "推广", "广告", "营销", "限时", "抢购", "现金券", "礼券", "卡券", "礼包", "礼品", "有礼",
	"会员日", "双十一", "双11", "618", "大促", "推荐", "种草", "爆款", "领券", "送券", "甩卖", "低价", "让利", "加盟", "招商"}

// pushing are those that an example must not have either.
var pushing = []string{"优惠券", "代金券", "红包", "返利", "返现", "促销", "秒杀", "抽奖", "抢购", "领券", "大促", "现金券", "特惠", "免费领", "限时抢", "点击领取", "立即抢"}

func (s Subject) title() []Finding {
	place := s.Place + " title"
	var findings []Finding
	if s.Title == "" && len(s.Keywords) == 0 && s.Content != "" {
		return nil // only a content was given
	}
	folded := fold(s.Title)
	if !slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(folded, e) }) {
		findings = append(findings, Finding{TitleEnding, place, s.Title, "a title ends in 提醒 or 通知", suggestion(folded)})
	}
	if marks := special(s.Title); marks != "" {
		findings = append(findings, Finding{Symbol, place, s.Title, "a title has no special symbols, blanks or emoji; found " + marks, suggestion(folded)})
	}
	if slices.Contains(scenes, stem(s.Title)) || slices.Contains(endings, folded) {
		findings = append(findings, Finding{TitleScene, place, s.Title, "it names no concrete service, so nobody knows what is told", "what happened to what, as 订单支付成功通知"})
	}
	if words := within(folded, personal); words != nil {
		findings = append(findings, Finding{TitlePersonal, place, s.Title, "a title speaks to nobody and for nobody; found " + list(words...), "the matter alone, as 预约成功通知"})
	}
	if words := within(folded, advertising); words != nil {
		findings = append(findings, Finding{Marketing, place, s.Title, "templates are for services, not for marketing; found " + list(words...), "what the user is owed to know of his own order, as 订单发货通知"})
	}
	return findings
}

// within returns the longest words that a folded text has.
func within(folded string, words []string) []string {
	var found []string
	for _, w := range words {
		if !strings.Contains(folded, fold(w)) || slices.ContainsFunc(found, func(f string) bool { return strings.Contains(f, w) }) {
			continue
		}
		found = append(found, w)
	}
	return found
}

// special returns the characters that are neither letters nor digits, each once.
func special(text string) string {
	var marks []string
	for _, c := range text {
		if mark := markOf(c); !plainRune(c) && !slices.Contains(marks, mark) {
			marks = append(marks, mark)
		}
	}
	return strings.Join(marks, " ")
}

func markOf(c rune) string {
	switch {
	case unicode.IsSpace(c):
		return "a blank"
	case !unicode.IsPrint(c):
		return "a character that cannot be seen"
	}
	return string(c)
}

func plainRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// plain is a text without special characters.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		if plainRune(c) {
			return c
		}
		return -1
	}, text)
}

func orExample(text, example string) string {
	if text == "" {
		return example
	}
	return text
}

// suggestion is the title as it would pass, or another one where its own words
// are what is wrong with it.
func suggestion(folded string) string {
	rest := stem(folded)
	if slices.Contains(scenes, rest) || slices.Contains(endings, rest) || within(rest, personal) != nil || within(rest, advertising) != nil {
		return "the matter alone with 通知 or 提醒 behind it, as 订单支付成功通知"
	}
	if rest != folded {
		return folded
	}
	return rest + "通知 or " + rest + "提醒"
}
