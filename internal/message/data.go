package message

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	valueForm = form{names: []string{"value", "color"}}
	linkForm  = form{names: []string{"appid", "pagepath", "path"}}
)

// data reads the placeholders' values. Missing or empty is allowed here:
// wxopen then sends an empty template.
func (o object) data() Data {
	n, ok := o.get("data")
	if !ok {
		return Data{}
	}
	if n.kind != objectNode {
		o.wrong(o.at("data"), "%s; allowed is an object: placeholder → {\"value\": …}", found(n))
		return Data{}
	}
	data, at := make(Data, len(n.members)), o.at("data")
	for _, m := range n.members {
		data[m.name] = o.value(at, m)
	}
	return data
}

// someData reads data that must be there and fill at least one placeholder.
func (o object) someData() Data {
	n, ok := o.get("data")
	switch {
	case !ok:
		o.wrong(o.at("data"), "missing; it fills the template: placeholder → {\"value\": …}")
	case n.kind == objectNode && len(n.members) == 0:
		o.wrong(o.at("data"), "is empty; fill at least one placeholder of the template")
	}
	return o.data()
}

// onlyContent reads a one-time subscription's data: content, nothing else.
func (o object) onlyContent() Data {
	data := o.someData()
	at := o.at("data")
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if name != "content" {
			o.wrong(join(at, name), "unknown placeholder; a one-time message has content only")
		}
	}
	n, _ := o.get("data")
	content, ok := n.get("content")
	if !ok {
		if len(n.members) > 0 {
			o.wrong(join(at, "content"), "missing; it is the message's text, at most 200 characters")
		}
		return data
	}
	value, _ := content.get("value")
	if count := utf8.RuneCountInString(value.text); count > 200 {
		o.wrong(join(join(at, "content"), "value"), "has %d characters; allowed are 200", count)
	}
	return data
}

func (o object) value(in string, m member) Value {
	if m.name == "" || strings.ContainsAny(m.name, "{}.") {
		o.wrong(join(in, m.name), "found the placeholder %s; allowed is its name alone, without braces and .DATA", quoted(m.name))
	}
	if m.value.kind == stringNode || m.value.kind == numberNode {
		o.wrong(join(in, m.name), "%s; allowed is an object: write {\"value\": …}", found(m.value))
		return Value{}
	}
	field, ok := o.object(in, m.name, m.value, valueForm)
	if !ok {
		return Value{}
	}
	colour := field.text("color")
	if colour != "" && o.colour == "" {
		o.colour = field.at("color")
	}
	n, ok := field.get("value")
	switch {
	case !ok:
		o.wrong(field.at("value"), "missing; it is the text that fills the placeholder")
	case n.kind != stringNode && n.kind != numberNode:
		o.wrong(field.at("value"), "%s; allowed is a string or a number", found(n))
	}
	return Value{Value: appendCanonical(nil, n), Color: colour}
}

// link reads where a tap leads; nil for none, and for an object without text,
// which WeChat would refuse (40165).
func (o object) link() *MiniProgramLink {
	n, ok := o.get("miniprogram")
	if !ok {
		return nil
	}
	link, ok := o.object(o.path(), "miniprogram", n, linkForm)
	if !ok {
		return nil
	}
	appID, page, path := link.text("appid"), link.text("pagepath"), link.text("path")
	if path != "" {
		if page != "" && page != path {
			o.wrong(link.at("path"), "found %s beside another pagepath; keep pagepath alone", quoted(path))
		}
		o.warn(link.at("path"), "sent as pagepath, the name that WeChat reads; write pagepath")
		page = path
	}
	switch {
	case appID == "" && page == "":
		return nil
	case appID == "":
		o.wrong(link.at("appid"), "missing; it is the mini program's appid; without one leave miniprogram out")
	case !isToken(appID):
		o.wrong(link.at("appid"), "found %s; allowed is the mini program's appid, as wx0123456789abcdef", quoted(appID))
	}
	return &MiniProgramLink{AppID: appID, PagePath: page}
}

// emphasis reads the placeholder that is shown large: NAME.DATA, NAME in data.
func (o object) emphasis(data Data) string {
	text := o.text("emphasis_keyword")
	if text == "" {
		return ""
	}
	name, shaped := strings.CutSuffix(text, ".DATA")
	at := o.at("emphasis_keyword")
	if !shaped || name == "" {
		o.wrong(at, "found %s; allowed is a placeholder of data with .DATA, as keyword1.DATA", quoted(text))
	} else if _, ok := data[name]; !ok {
		o.wrong(at, "found %s, but data has no %s; name a placeholder of data", quoted(text), quoted(name))
	}
	return text
}
