package lint

import (
	"fmt"
	"slices"
	"strings"

	"wxdispatch/internal/template"
)

// broad are keywords that could stand for anything.
var broad = []string{"内容", "信息", "详情", "说明", "备注", "提示", "消息", "其他", "其它", "文本", "描述", "数据", "标题", "正文", "字段", "参数",
	"关键词", "事情", "东西", "附加信息", "补充说明", "详细内容", "详细信息", "具体内容", "消息内容", "通知内容", "提醒内容", "文字", "值", "变量"}

func (s Subject) keywords() []Finding {
	var findings []Finding
	var seen texts
	for i, k := range s.Keywords {
		place := fmt.Sprintf("%s keyword %d", s.Place, i+1)
		if marks := special(k.Name); marks != "" {
			findings = append(findings, Finding{Symbol, place, k.Name, "a keyword has no special symbols, blanks or emoji; found " + marks, orExample(plain(k.Name), "订单编号")})
		}
		if name := strings.TrimRight(fold(k.Name), "0123456789一二三四五"); name == "" || slices.Contains(broad, name) {
			findings = append(findings, Finding{KeywordBroad, place, k.Name, "it could stand for anything", "what it tells, as 订单编号, 预约时间, 退款原因"})
		}
		if clash, ok := seen.add(k.Name, fold(k.Name), fmt.Sprintf("keyword %d", i+1)); ok {
			findings = append(findings, clash.finding(place, KeywordDuplicate, KeywordSimilar))
		}
		findings = append(findings, example(place+" example", k)...)
	}
	return findings
}

// example holds a keyword's example against what the keyword says. One that is
// missing is not held against.
func example(place string, k template.Keyword) []Finding {
	value := strings.TrimSpace(k.Example)
	if value == "" {
		return nil
	}
	var findings []Finding
	if words := within(fold(value), pushing); words != nil {
		findings = append(findings, Finding{Marketing, place, value, "templates are for services, not for marketing; found " + list(words...), "what a user would really read"})
	}
	if m, known := measureOf(fold(k.Name)); known && !m.fits(value) {
		findings = append(findings, Finding{ExampleMismatch, place, value, fmt.Sprintf("%s tells %s, and the example is none", k.Name, m.what), m.example})
	}
	return findings
}
