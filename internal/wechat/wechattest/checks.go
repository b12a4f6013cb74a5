package wechattest

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"wxdispatch/internal/message"
)

// encoding checks the raw bytes: empty 44002, too long 45002, no JSON 47001,
// \u escapes 47002, not UTF-8 40033.
func encoding(body []byte) int {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return 44002
	case len(body) > maxBody:
		return 45002
	case !json.Valid(body) || bytes.TrimSpace(body)[0] != '{':
		return 47001
	case hasUnicodeEscape(body):
		return 47002
	case !utf8.Valid(body):
		return 40033
	}
	return 0
}

// hasUnicodeEscape tells whether valid JSON holds \uXXXX; a \\u is none.
func hasUnicodeEscape(body []byte) bool {
	for i := 0; i+1 < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		if i++; body[i] == 'u' {
			return true
		}
	}
	return false
}

// check goes through the fields that the kind has.
func (o *order) check(in *wire, p *part) int {
	switch {
	case o.to == "":
		return 41009
	case !wellFormed(o.to):
		return 40003
	case p == nil || p.TemplateID == "":
		return 41011
	case !wellFormed(p.TemplateID):
		return 40037
	case len(o.clientID) > message.MaxClientMsgID:
		return 45067
	}
	for _, code := range []int{o.checkPage(p), p.MiniProgram.check(), o.checkSpecial(in, p), o.checkData(p.Data)} {
		if code != 0 {
			return code
		}
	}
	return 0
}

// checkPage refuses a leading slash; bizsend's page and the official account's
// links are URLs.
func (o *order) checkPage(p *part) int {
	onPage := o.kind == message.WXOpen || o.kind == message.Subscribe || o.kind == message.Uniform && !o.foreign
	if onPage && len(p.Page) > 0 && p.Page[0] == '/' {
		return 41030
	}
	return 0
}

func (l *link) check() int {
	switch {
	case l == nil:
		return 0
	case l.AppID == "" && l.PagePath == "":
		return 40165
	case !wellFormed(l.AppID):
		return 40166
	}
	return 0
}

// checkSpecial looks at what only one kind has.
func (o *order) checkSpecial(in *wire, p *part) int {
	switch o.kind {
	case message.WXOpen:
		return o.checkForm()
	case message.Uniform:
		if o.foreign && p.AppID == "" {
			return 41011
		}
		if !o.foreign {
			return o.checkForm()
		}
	case message.Subscribe:
		states := []string{"", "developer", "trial", "formal"}
		langs := []string{"", "zh_CN", "en_US", "zh_HK", "zh_TW"}
		if !slices.Contains(states, in.State) || !slices.Contains(langs, in.Lang) {
			return 40035
		}
	case message.Onetime:
		return checkOnetime(in)
	}
	return 0
}

func (o *order) checkForm() int {
	if o.form == "" {
		return 41028
	}
	return 0
}

// checkOnetime: scene is 0 to 10000, the title has 15 characters at most,
// data.content.value 200 at most.
func checkOnetime(in *wire) int {
	content, ok := in.Data["content"]
	scene, err := in.Scene.Int64()
	switch {
	case in.Scene == "" || in.Title == "" || !ok:
		return 41011
	case err != nil || scene < 0 || scene > 10000:
		return 40035
	case utf8.RuneCountInString(in.Title) > 15:
		return 45003
	case utf8.RuneCountInString(content.text()) > 200:
		return 45002
	}
	return 0
}

// checkData wants an object whose entries have a value, a string or a number.
// Subscription messages take no empty one (47003).
func (o *order) checkData(data map[string]value) int {
	if data == nil {
		return 41011
	}
	strict := o.kind == message.Subscribe || o.kind == message.Bizsend
	for name, v := range data {
		switch {
		case len(v.Value) == 0 || v.Value[0] == '{' || v.Value[0] == '[':
			return 40035
		case strict && v.text() == "" && (o.field == "" || name < o.field):
			o.field = name
		}
	}
	if o.field != "" {
		return 47003
	}
	return 0
}

// text is the value as people read it; null is the empty text.
func (v value) text() string {
	var text string
	if json.Unmarshal(v.Value, &text) != nil {
		return string(v.Value)
	}
	return text
}

// wellFormed tells whether an id (openid, template, appid) has 1 to 64 of
// A-Za-z0-9_-.
func wellFormed(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return len(id) > 0 && len(id) <= 64
}
