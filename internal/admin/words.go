package admin

// words is what the pages say in one language. English texts stand in the pages
// themselves.
type words struct {
	Tag     string            // the language, as in HTML
	texts   map[string]string // English → this language
	reasons map[string]string // why a lane is parked; nil: as whoever parked it says
}

// say returns a text in this language, or as it is.
func (w *words) say(text string) string {
	if said, ok := w.texts[text]; ok {
		return said
	}
	return text
}

var english = &words{Tag: "en", texts: map[string]string{
	"failing": "no Redis", "official": "official account", "miniprogram": "mini program",
	"in_doubt":    "in doubt",
	"permit form": "form", "permit payment": "payment", "permit consent": "consent",
}}

var chinese = &words{Tag: "zh-CN", texts: chineseTexts, reasons: map[string]string{
	"minute": "本分钟的微信调用次数已用完", "daily": "今日的微信配额已用完", "account": "微信拒绝了该账号",
	"outage": "微信不可用或繁忙", "quota": "自设的每日配额已用完", "token": "取不到 access_token",
}}
