package bulk

import (
	"regexp"
	"slices"
	"strings"

	"wxdispatch/internal/message"
)

// envelope is what stands beside a message's body.
var envelope = []string{"id", "account", "kind", "send_at", "expires_at", "delivery", "permit_issued_at", "batch", "force"}

// bodies is what a body of each kind may have, data aside.
var bodies = map[message.Kind][]string{
	message.Template:  {"touser", "template_id", "url", "miniprogram.appid", "miniprogram.pagepath", "topcolor"},
	message.Bizsend:   {"touser", "template_id", "page", "miniprogram.appid", "miniprogram.pagepath"},
	message.Onetime:   {"touser", "template_id", "url", "miniprogram.appid", "miniprogram.pagepath", "scene", "title"},
	message.WXOpen:    {"touser", "template_id", "page", "form_id", "emphasis_keyword"},
	message.Subscribe: {"touser", "template_id", "page", "miniprogram_state", "lang"},
	message.Uniform: {"touser", weapp + "template_id", weapp + "page", weapp + "form_id", weapp + "emphasis_keyword",
		mp + "appid", mp + "template_id", mp + "url", mp + "miniprogram.appid", mp + "miniprogram.pagepath"},
}

const (
	weapp = "weapp_template_msg."
	mp    = "mp_template_msg."
	body  = "body."
	data  = "data."
)

// others are names that tables use for a field.
var others = map[string]string{
	"openid": "touser", "to": "touser", "open_id": "touser", "template": "template_id",
	"prepay_id": "form_id", "miniprogram.path": "miniprogram.pagepath",
}

// placeholder is what WeChat calls what fills a template; such a column is meant
// as data.
var placeholder = regexp.MustCompile(`^(first|remark|content|(keyword|thing|number|letter|symbol|character_string|time|date|amount|phone_number|car_number|name|phrase|const)\d+)$`)

// resolve finds where a column's cells go, as a path in the message; "" when the
// kind has no such field.
func resolve(name string, kind message.Kind) string {
	name = strings.TrimPrefix(name, body)
	if slices.Contains(envelope, name) {
		return name
	}
	if other, ok := others[name]; ok {
		name = other
	}
	if placeholder.MatchString(name) {
		name = data + name
	}
	if kind != message.Uniform {
		return inBody(name, slices.Contains(bodies[kind], name), data)
	}
	for _, known := range []string{name, weapp + name} {
		if path := inBody(known, slices.Contains(bodies[kind], known), weapp+data, mp+data); path != "" {
			return path
		}
	}
	return ""
}

// inBody is the path of a field of a body, or of what fills a placeholder.
func inBody(name string, known bool, datas ...string) string {
	for _, d := range datas {
		if rest, ok := strings.CutPrefix(name, d); ok && rest != "" {
			holder, part, _ := strings.Cut(rest, ".")
			switch {
			case holder == "":
			case part == "", part == "value":
				return body + d + holder + ".value"
			case part == "color":
				return body + name
			}
			return ""
		}
	}
	if known {
		return body + name
	}
	return ""
}

// known lists what columns of a kind may be called.
func known(kind message.Kind) string {
	names := append([]string(nil), bodies[kind]...)
	if kind == message.Uniform {
		names = append(names, weapp+data+"NAME", mp+data+"NAME")
	} else {
		names = append(names, data+"NAME")
	}
	return strings.Join(append(names, envelope...), ", ")
}
