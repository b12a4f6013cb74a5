package wechattest

import (
	"encoding/json"

	"wxdispatch/internal/message"
)

// order is a send as it was read from a request: what the rules need of it.
type order struct {
	kind     message.Kind
	code     int    // what is wrong with the body; 0: nothing
	field    string // 47003: the argument that is wrong
	to       string
	template string
	form     string
	clientID string
	foreign  bool // the template is another account's (uniform's mp part)
	key      [32]byte
}

// wire is the union of all kinds' request bodies.
type wire struct {
	part
	ToUser      string      `json:"touser"`
	ClientMsgID string      `json:"client_msg_id"`
	State       string      `json:"miniprogram_state"`
	Lang        string      `json:"lang"`
	Scene       json.Number `json:"scene"`
	Title       string      `json:"title"`
	Weapp       *part       `json:"weapp_template_msg"`
	MP          *part       `json:"mp_template_msg"`
}

// part is what a body and the halves of a uniform message share.
type part struct {
	AppID       string           `json:"appid"`
	TemplateID  string           `json:"template_id"`
	Page        string           `json:"page"`
	FormID      string           `json:"form_id"`
	MiniProgram *link            `json:"miniprogram"`
	Data        map[string]value `json:"data"`
}

type link struct {
	AppID    string `json:"appid"`
	PagePath string `json:"pagepath"`
}

type value struct {
	Value json.RawMessage `json:"value"`
}

// read takes a request's body apart. It always returns an order; its code says
// what WeChat would refuse in the body alone.
func read(kind message.Kind, body []byte) *order {
	o := &order{kind: kind}
	if o.code = encoding(body); o.code != 0 {
		return o
	}
	var in wire
	if json.Unmarshal(body, &in) != nil {
		o.code = 40035 // JSON, but not of the types that belong there
		return o
	}
	o.to, o.key = in.ToUser, sum(body)
	if from, to := member(body, []byte(`"touser"`)); from == to {
		o.to = "" // encoding/json takes toUser, too; WeChat does not
	}
	if kind == message.Template {
		o.clientID = in.ClientMsgID
	}
	p := o.pick(&in)
	if p != nil {
		o.template, o.form = p.TemplateID, p.FormID
	}
	o.code = o.check(&in, p)
	return o
}

// pick returns the part that WeChat sends: the body itself, or of a uniform
// message the weapp part, else the mp part, else nil.
func (o *order) pick(in *wire) *part {
	switch {
	case o.kind != message.Uniform:
		return &in.part
	case in.Weapp != nil:
		return in.Weapp
	}
	o.foreign = true
	return in.MP
}
