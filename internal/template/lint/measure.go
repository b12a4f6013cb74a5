package lint

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// measure is what a keyword's name promises of its value.
type measure struct {
	what    string // in words
	example string
	words   []string // how such a keyword ends
	fit     func(value string) bool
}

func (m measure) fits(value string) bool { return m.fit(norm.NFKC.String(value)) }

const (
	number   = `[+-]?\d[\d,]*(\.\d+)?`
	currency = `(¥|￥|\p{Sc}|rmb|cny|usd|人民币)`
)

var (
	datePattern   = regexp.MustCompile(`\d{2,4}\s*年(\s*\d{1,2}\s*月)?(\s*\d{1,2}\s*[日号])?|\d{4}[/.-]\d{1,2}([/.-]\d{1,2})?|\b\d{1,2}[/-]\d{1,2}\b|\d{1,2}\s*月(\s*\d{1,2}\s*[日号])?`)
	clockPattern  = regexp.MustCompile(`\d{1,2}\s*[:：时点]\s*(\d{1,2})?`)
	spanPattern   = regexp.MustCompile(`\d+\s*(秒|分|分钟|小时|天|日|周|个?月|年|季度)`)
	weekPattern   = regexp.MustCompile(`(周|星期)[一二三四五六日天]|今[天晚日]|明[天晚日]|后天|昨[天晚日]|[上中下]午`)
	amountPattern = regexp.MustCompile(`(?i)^` + currency + `?\s*` + number + `\s*(万|亿)?\s*(元|圆|块|美元|港币|` + currency + `)?(整)?(/.+)?$`)
	countPattern  = regexp.MustCompile(`^(共|约)?\s*` + number + `\s*\p{L}{0,3}$`)
	chinesePlate  = regexp.MustCompile(`^\p{Han}?[A-Za-z0-9*·]{4,8}\p{Han}?$`)
	phonePattern  = regexp.MustCompile(`^\+?[\d*()\s-]{3,20}$`)
	numberPattern = regexp.MustCompile(`^` + number + `%?$`)
	mailPattern   = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	codePattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_./*#-]*$`)
	ratePattern   = regexp.MustCompile(`^` + number + `\s*(%|‰|折|倍|成)?$|^\d+\s*[:/]\s*\d+$`)
)

// measures are looked through in their order; the first word that ends a keyword
// decides.
var measures = []measure{
	{"a plate", "粤A8Z888", []string{"车牌", "车牌号", "车牌号码"}, chinesePlate.MatchString},
	{"a phone number", "020-81167888", []string{"电话", "手机", "手机号", "手机号码", "电话号码", "热线", "联系电话", "座机"}, isPhone},
	{"a mail address", "service@example.com", []string{"邮箱", "邮件地址", "电子邮箱"}, mailPattern.MatchString},
	{"a number that tells things apart", "20261122-0042", []string{"单号", "编号", "订单号", "订单号码", "流水号", "卡号", "号码", "验证码", "取件码", "取餐码", "核销码", "工号", "学号", "证件号"}, codePattern.MatchString},
	{"a span of time", "30分钟", []string{"时长", "期限", "有效期", "耗时"}, isSpan},
	{"a date or a time", "2026年11月22日 18:00", []string{"时间", "日期", "时刻", "时段", "生日", "截止日", "到期日", "时间段", "起止日"}, isMoment},
	{"an amount", "¥56.00", []string{"金额", "价格", "费用", "总价", "单价", "余额", "金额数", "运费", "押金", "租金", "房费", "手续费", "定金", "订金", "货款", "房价", "票价", "欠款", "应付款", "实付款", "总额", "工资", "薪资", "服务费", "水费", "电费", "年费", "税额", "退款额", "实付", "应付"}, amountPattern.MatchString},
	{"a number", "2件", []string{"数量", "人数", "次数", "件数", "份数", "天数", "个数", "张数", "台数", "页数", "间数", "晚数", "总数", "数目", "分数", "得分", "排名", "名次"}, countPattern.MatchString},
	{"a share", "15%", []string{"比例", "百分比", "利率", "占比", "费率", "收益率", "完成率"}, ratePattern.MatchString},
	{"a name", "黄先生", []string{"姓名", "联系人", "收货人", "收件人", "寄件人", "乘客", "申请人", "预约人", "预订人", "处理人", "负责人", "经办人", "客户名", "入住人", "审批人", "付款人", "收款人", "发件人", "就诊人", "报名人", "学员", "患者"}, isPerson},
	{"a place", "广州市海珠区新港中路397号", []string{"地址", "地点", "位置", "门店", "城市", "酒店", "酒店名称", "店名", "场地", "会场"}, isPlace},
	{"a state in words", "已发货", []string{"状态", "结果", "进度", "原因", "类型", "方式", "事由"}, isWords},
}

// measureOf finds what a folded keyword promises.
func measureOf(name string) (measure, bool) {
	best, length := measure{}, 0
	for _, m := range measures {
		for _, word := range m.words {
			if strings.HasSuffix(name, word) && len(word) > length {
				best, length = m, len(word)
			}
		}
	}
	return best, length > 0
}

func isMoment(value string) bool {
	return datePattern.MatchString(value) || clockPattern.MatchString(value) || weekPattern.MatchString(value)
}

func isSpan(value string) bool {
	return spanPattern.MatchString(value) || datePattern.MatchString(value) || strings.Contains(value, "永久") || strings.Contains(value, "长期")
}

func isPhone(value string) bool {
	digits := 0
	for _, c := range value {
		if unicode.IsDigit(c) || c == '*' {
			digits++
		}
	}
	return phonePattern.MatchString(value) && digits >= 3
}

// isPerson takes a name, also one that is masked; no digits, no dates.
func isPerson(value string) bool {
	return !strings.ContainsAny(value, "0123456789") && utf8.RuneCountInString(value) <= 20
}

// isPlace takes whatever has words and is neither a time nor an amount.
func isPlace(value string) bool {
	return isWords(value) && !onlyMoment(value)
}

// isWords tells whether there are letters, and more than a number with its unit.
func isWords(value string) bool {
	return strings.ContainsFunc(value, unicode.IsLetter) && !amountPattern.MatchString(value) && !numberPattern.MatchString(value) && !onlyMoment(value)
}

// onlyMoment tells whether a value is a date or a time and nothing else.
func onlyMoment(value string) bool {
	rest := clockPattern.ReplaceAllString(datePattern.ReplaceAllString(value, ""), "")
	return rest != value && !strings.ContainsFunc(strings.TrimFunc(rest, func(c rune) bool { return c == '日' || c == '分' || c == '秒' || c == '年' }), unicode.IsLetter)
}
