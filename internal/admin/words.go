package admin

// words is what the pages say in one language. English texts stand in the pages
// themselves.
type words struct {
	Tag       string            // the language, as in HTML
	texts     map[string]string // English → this language
	reasons   map[string]string // why a lane is parked, or a message changed; nil: as whoever did it says
	sentences []sentence        // what others say, in this language
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

var chinese = &words{Tag: "zh-CN", texts: chineseTexts, reasons: chineseReasons, sentences: inLanguage(chineseSentences)}
