package message

import (
	"bytes"
	"strconv"
	"time"

	"wxdispatch/internal/fault"
)

// PermitRow is a permit as an app writes it: a line of NDJSON, or the body of
// an HTTP call.
type PermitRow struct {
	OpenID   string
	Type     PermitType
	Code     string
	Template string
	Count    int // 0: not said
	IssuedAt time.Time
}

// MaxConsents is how many messages of a template a user may agree to in one
// row; more is a time or an amount in the wrong place.
const MaxConsents = 1000

const (
	isCode     = "unknown field; did you mean code?"
	isOpenID   = "unknown field; did you mean openid?"
	isCount    = "unknown field; did you mean count? It is for consents: a form is good for 1 message, a payment for 3"
	isIssuedAt = "unknown field; did you mean issued_at?"
	isOurs     = "unknown field; what is left of a permit, and until when, is counted here; leave it out"
	isAside    = "unknown field; the account stands beside the permits, in the command or in the address"
)

var permitForm = form{
	names: []string{"openid", "type", "code", "template_id", "count", "issued_at"},
	hints: map[string]string{
		"touser": isOpenID, "user": isOpenID, "to": isOpenID, "userid": isOpenID,
		"formid": isCode, "prepayid": isCode, "package": isCode, "form": isCode, "id": isCode,
		"kind": "unknown field; did you mean type?", "templateids": "unknown field; did you mean template_id? It is one",
		"n": isCount, "number": isCount, "times": isCount, "uses": isCount,
		"time": isIssuedAt, "at": isIssuedAt, "timestamp": isIssuedAt, "createdat": isIssuedAt, "createtime": isIssuedAt,
		"issued": isIssuedAt, "permitissuedat": isIssuedAt,
		"left": isOurs, "remaining": isOurs, "expiresat": isOurs, "expires": isOurs,
		"account": isAside, "appid": isAside,
	},
}

// DecodePermit reads one permit, strictly, in the manner of Decode: every
// mistake is told at once, each with its path, in an error of class invalid.
// Whether such a permit can be is not looked at. It never panics.
func DecodePermit(data []byte) (PermitRow, error) {
	c := &check{}
	row := c.permit(bytes.TrimPrefix(data, byteOrderMark))
	if err := fault.InvalidFields("message.decode_permit", c.fields); err != nil {
		return PermitRow{}, err
	}
	return row, nil
}

func (c *check) permit(data []byte) PermitRow {
	root, ok := c.parse(data)
	if !ok {
		return PermitRow{}
	}
	o, ok := c.object("", "", root, permitForm)
	if !ok {
		return PermitRow{}
	}
	return PermitRow{
		OpenID: o.need("openid", "the user's openid"),
		Type: PermitType(o.matching("type", func(s string) bool { return PermitType(s).Valid() },
			"form, payment or consent")),
		Code:     o.code(),
		Template: o.template(),
		Count:    o.consents(),
		IssuedAt: o.time("issued_at"),
	}
}

// code reads a form_id, a prepay_id, or a consent's event.
func (o object) code() string {
	if n, ok := o.get("code"); ok && n.kind == stringNode && n.text == "" {
		o.wrong(o.at("code"), "is empty; give a form_id or a prepay_id; of a consent leave it out")
	}
	return o.text("code")
}

func (o object) template() string {
	text, _ := o.given("template_id", "the id of the template that the user agreed to")
	return text
}

func (o object) consents() int {
	n, ok := o.get("count")
	if !ok {
		return 0
	}
	count, err := strconv.Atoi(n.text)
	if n.kind != numberNode || err != nil || count < 1 || count > MaxConsents {
		o.wrong(o.at("count"), "%s; allowed is a whole number from 1 to %d", found(n), MaxConsents)
	}
	return count
}
