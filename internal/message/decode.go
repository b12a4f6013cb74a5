package message

import (
	"bytes"
	"strings"

	"wxdispatch/internal/fault"
)

const belongsInBody = "unknown field; it belongs in body"

var envelope = form{
	names: []string{"id", "account", "kind", "body", "send_at", "expires_at", "delivery",
		"permit_issued_at", "batch", "force"},
	hints: map[string]string{
		"touser": belongsInBody, "templateid": belongsInBody, "data": belongsInBody, "url": belongsInBody,
		"page": belongsInBody, "formid": belongsInBody, "miniprogram": belongsInBody,
		"clientmsgid": madeFromID,
	},
}

// Decode reads one message, strictly: every mistake is told at once, each with
// its JSON path, in an error of class invalid. Fields that nobody knows, keys
// twice, texts that WeChat cannot be told and what a kind's rules forbid are
// mistakes; whether the account exists and sends this kind is not looked at.
// A byte order mark is passed over. Decode of a decoded message's Raw gives the
// same message again. It never panics, and works on at most MaxSize bytes.
func Decode(data []byte) (*Message, error) { return Completion{}.Decode(data) }

func (c *check) message(data []byte, completion Completion) *Message {
	root, ok := c.parse(data)
	if !ok {
		return nil
	}
	root = completion.complete(c, root)
	o, ok := c.object("", "", root, envelope)
	if !ok {
		return nil
	}
	m := &Message{
		ID:             o.matching("id", ValidID, "1 to 64 of A-Za-z0-9_.:-"),
		Account:        o.account(),
		Kind:           o.kind(),
		SendAt:         o.time("send_at"),
		ExpiresAt:      o.time("expires_at"),
		Delivery:       o.delivery(),
		PermitIssuedAt: o.time("permit_issued_at"),
		Batch:          o.matching("batch", ValidID, "a batch's name: 1 to 64 of A-Za-z0-9_.:-"),
		Force:          o.flag("force"),
	}
	if !m.SendAt.IsZero() && !m.ExpiresAt.IsZero() && !m.ExpiresAt.After(m.SendAt) {
		c.wrong("expires_at", "is not after send_at, so the message could never be sent; give a later time")
	}
	m.Body = o.body(m.Kind)
	m.Warnings = c.warnings
	if len(c.fields) == 0 {
		c.write(m, root, len(data)+idRoom+len(completion.Batch)+len(completion.Template))
	}
	return m
}

// write gives the message its Raw and its Digest.
func (c *check) write(m *Message, root node, room int) {
	m.Raw = appendCanonical(make([]byte, 0, room), root)
	before, after, _ := m.aroundID()
	m.Digest = digest(before, after)
	if m.ID == "" && len(m.Raw) > MaxSize-idRoom {
		c.wrong("", "has %d bytes without an id; allowed are %d, so that an id still fits", len(m.Raw), MaxSize-idRoom)
	}
}

// WithID returns a copy of a decoded message that carries id in ID and Raw; the
// Digest, which leaves the id out, stays. It fails with class invalid when id
// is not a ValidID, when the message was not made by Decode, and when Raw would
// outgrow MaxSize, which a message without an id never does. The copy shares
// the Body.
func (m *Message) WithID(id string) (*Message, error) {
	if !ValidID(id) {
		return nil, badID("id", "found "+quoted(id)+"; allowed are 1 to 64 of A-Za-z0-9_.:-")
	}
	before, after, ok := m.aroundID()
	if !ok {
		return nil, badID("", "the message was not decoded; only Decode makes messages")
	}
	named := *m
	named.ID = id
	named.Raw = make([]byte, 0, len(before)+len(after)+len(id)+len(`"id":"",`))
	named.Raw = append(append(append(append(named.Raw, before...), `"id":"`...), id...), `",`...)
	named.Raw = append(named.Raw, after...)
	if len(named.Raw) > MaxSize {
		return nil, badID("id", "with this id the message has more than 1 MiB; give a shorter one")
	}
	return &named, nil
}

// aroundID returns what stands in Raw before and after the id, which need not
// be there. Names are sorted, so it belongs before kind, and nothing but times
// follow that.
func (m *Message) aroundID() (before, after []byte, ok bool) {
	at := bytes.LastIndex(m.Raw, []byte(`"kind":"`+string(m.Kind)+`"`))
	if at < 1 || m.Kind == "" {
		return nil, nil, false
	}
	before, after = m.Raw[:at], m.Raw[at:]
	if m.ID != "" {
		before, ok = bytes.CutSuffix(before, []byte(`"id":"`+m.ID+`",`))
		return before, after, ok
	}
	return before, after, true
}

func badID(path, words string) error {
	return fault.InvalidFields("message.with_id", []fault.Field{{Path: path, Message: words}})
}

func (o object) account() string {
	const what = "an account's name: 1 to 32 lower-case letters, digits and -"
	name := o.need("account", what)
	if name != "" && !ValidAccount(name) {
		o.wrong(o.at("account"), "found %s; allowed is %s", quoted(name), what)
	}
	return name
}

func (o object) kind() Kind {
	text := o.need("kind", "one of "+kindNames)
	if text != "" && !Kind(text).Valid() {
		o.wrong(o.at("kind"), "found %s; allowed are %s; body was not looked into", quoted(text), kindNames)
	}
	return Kind(text)
}

var kindNames = func() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}()

func (o object) delivery() Delivery {
	const allowed = "at_most_once or at_least_once"
	return Delivery(o.matching("delivery", func(s string) bool { return Delivery(s).Valid() }, allowed))
}

func (o object) body(kind Kind) Body {
	n, ok := o.get("body")
	if !ok {
		o.wrong("body", "missing; it is WeChat's own request JSON for the kind, an object")
		return nil
	}
	facts, known := bodyTable[kind]
	if !known {
		if n.kind != objectNode {
			o.wrong("body", "%s; allowed is an object", found(n))
		}
		return nil
	}
	b, ok := o.check.object("", "body", n, facts.form)
	if !ok {
		return nil
	}
	body := facts.read(b)
	if o.colour != "" && kind.AccountType() == Official {
		o.warn(o.colour, "WeChat drops colours silently since May 2023; leave them out")
	}
	return body
}
