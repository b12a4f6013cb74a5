package message

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	besideBody = "unknown field; it stands beside body, not in it"
	madeFromID = "client_msg_id is made from the message's id; give id instead"
	inPart     = "unknown field; in a uniform message it belongs in weapp_template_msg or mp_template_msg"
)

var bodyHints = map[string]string{
	"clientmsgid": madeFromID, "id": besideBody, "account": besideBody, "kind": besideBody,
	"sendat": besideBody, "expiresat": besideBody, "delivery": besideBody, "batch": besideBody,
}

var uniformHints = map[string]string{
	"clientmsgid": madeFromID, "sendat": besideBody, "expiresat": besideBody,
	"templateid": inPart, "data": inPart, "page": inPart, "url": inPart, "formid": inPart,
	"miniprogram": inPart, "emphasiskeyword": inPart, "appid": inPart,
}

type bodyFacts struct {
	form form
	read func(object) Body
}

// bodyTable is what each kind's body may have, and who reads it.
var bodyTable = map[Kind]bodyFacts{
	Template: {form{[]string{"touser", "template_id", "url", "miniprogram", "topcolor", "data"}, bodyHints}, readTemplate},
	Bizsend:  {form{[]string{"touser", "template_id", "page", "miniprogram", "data"}, bodyHints}, readBizsend},
	Onetime: {form{[]string{"touser", "template_id", "url", "miniprogram", "scene", "title", "data"},
		bodyHints}, readOnetime},
	WXOpen: {form{[]string{"touser", "template_id", "page", "form_id", "data", "emphasis_keyword"},
		bodyHints}, readWXOpen},
	Uniform: {form{[]string{"touser", "weapp_template_msg", "mp_template_msg"}, uniformHints}, readUniform},
	Subscribe: {form{[]string{"touser", "template_id", "page", "miniprogram_state", "lang", "data"},
		bodyHints}, readSubscribe},
}

var (
	weappForm = form{names: []string{"template_id", "page", "form_id", "data", "emphasis_keyword"}}
	mpForm    = form{names: []string{"appid", "template_id", "url", "miniprogram", "data"}}
)

func (o object) toUser() string     { return o.token("touser", "the user's openid") }
func (o object) templateID() string { return o.token("template_id", "the template's id") }

func readTemplate(o object) Body {
	top := o.text("topcolor")
	if top != "" {
		o.colour = o.at("topcolor")
	}
	return &TemplateBody{ToUser: o.toUser(), Template: o.templateID(), URL: o.text("url"),
		MiniProgram: o.link(), TopColor: top, Data: o.someData()}
}

func readBizsend(o object) Body {
	return &BizsendBody{ToUser: o.toUser(), Template: o.templateID(), Page: o.page(),
		MiniProgram: o.link(), Data: o.someData()}
}

func readOnetime(o object) Body {
	b := &OnetimeBody{ToUser: o.toUser(), Template: o.templateID(), URL: o.text("url"),
		MiniProgram: o.link(), Scene: o.scene(), Title: o.need("title", "the message's title, at most 15 characters")}
	if n := utf8.RuneCountInString(b.Title); n > 15 {
		o.wrong(o.at("title"), "has %d characters; allowed are 15", n)
	}
	b.Data = o.onlyContent()
	return b
}

func readWXOpen(o object) Body {
	b := &WXOpenBody{ToUser: o.toUser(), Template: o.templateID(), Page: o.page(), FormID: o.formID(), Data: o.data()}
	b.Emphasis = o.emphasis(b.Data)
	return b
}

func readSubscribe(o object) Body {
	return &SubscribeBody{ToUser: o.toUser(), Template: o.templateID(), Page: o.page(),
		State: o.oneOf("miniprogram_state", "developer", "trial", "formal"),
		Lang:  o.oneOf("lang", "zh_CN", "en_US", "zh_HK", "zh_TW"), Data: o.someData()}
}

func readUniform(o object) Body {
	b := &UniformBody{ToUser: o.toUser()}
	weapp, hasWeapp := o.get("weapp_template_msg")
	mp, hasMP := o.get("mp_template_msg")
	if !hasWeapp && !hasMP {
		o.wrong(o.path(), "has neither weapp_template_msg nor mp_template_msg; give at least one")
	}
	if hasWeapp {
		b.Weapp = o.weapp(weapp)
	}
	if hasMP {
		b.MP = o.mp(mp)
	}
	return b
}

func (o object) weapp(n node) *WeappPart {
	part, ok := o.object(o.path(), "weapp_template_msg", n, weappForm)
	if !ok {
		return nil
	}
	w := &WeappPart{Template: part.templateID(), Page: part.page(), FormID: part.formID(), Data: part.someData()}
	w.Emphasis = part.emphasis(w.Data)
	return w
}

func (o object) mp(n node) *MPPart {
	part, ok := o.object(o.path(), "mp_template_msg", n, mpForm)
	if !ok {
		return nil
	}
	return &MPPart{AppID: part.token("appid", "the official account's appid"), Template: part.templateID(),
		URL: part.text("url"), MiniProgram: part.link(), Data: part.someData()}
}

// page reads a page; WeChat answers 41030 to one with a leading slash.
func (o object) page() string {
	page := o.text("page")
	if strings.HasPrefix(page, "/") {
		o.wrong(o.at("page"), "found %s; WeChat refuses a leading slash (41030): write %s", quoted(page), quoted(strings.TrimLeft(page, "/")))
	}
	return page
}

// formID reads a permit's code. Empty is allowed: then the user's pool is asked.
func (o object) formID() string {
	text := o.text("form_id")
	if text == "" {
		return ""
	}
	code := strings.TrimPrefix(text, packagePrefix)
	if complaint := codeComplaint(code); complaint != "" {
		o.wrong(o.at("form_id"), "%s", complaint)
	}
	return code
}

// scene reads 0 to 10000. WeChat's samples quote it, so digits in a string
// are taken as the number.
func (o object) scene() json.Number {
	n, ok := o.get("scene")
	switch {
	case !ok:
		o.wrong(o.at("scene"), "missing; it is the scene that the user subscribed in, 0 to 10000")
	case n.kind != numberNode && n.kind != stringNode, !validScene(n.text):
		o.wrong(o.at("scene"), "%s; allowed is a whole number from 0 to 10000", found(n))
	}
	return json.Number(n.text)
}

func validScene(text string) bool {
	scene, err := strconv.Atoi(text)
	return err == nil && scene >= 0 && scene <= 10000 && strconv.Itoa(scene) == text
}
