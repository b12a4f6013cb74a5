package push

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxWord  = 64  // bytes of a status that are kept; a record's values are no longer
	maxToken = 128 // bytes of an openid, a template or a type
	maxList  = 100 // entries of one event; a popup asks for 5 at most
)

// read makes a push of the tree. What is not ours is never damaged: somebody
// else may understand it.
func read(tree *node) (Push, error) {
	p := Push{Type: kindOf(tree), OpenID: tree.text("FromUserName"), Created: moment(tree.text("CreateTime"))}
	switch p.Type {
	case TemplateFinished, ConsentAsked, ConsentChanged, SubscriptionSent:
		if !plainWord(p.OpenID) {
			return Push{}, Damaged.Refuse("FromUserName is missing or no openid, so nobody knows whom it tells of")
		}
		return p, p.fill(tree)
	}
	if !plainWord(p.OpenID) {
		p.OpenID = ""
	}
	return p, nil
}

// kindOf is the event, else the kind of message, else what third-party
// platforms are pushed (InfoType), in small letters.
func kindOf(tree *node) string {
	kind := strings.ToLower(tree.text("MsgType"))
	if kind == "event" {
		kind = strings.ToLower(tree.text("Event"))
	}
	if kind == "" {
		kind = strings.ToLower(tree.text("InfoType"))
	}
	if !plainWord(kind) {
		return Unnamed
	}
	return kind
}

// fill reads what belongs to the events that are ours.
func (p *Push) fill(tree *node) error {
	var err error
	switch p.Type {
	case TemplateFinished:
		p.Receipt, err = readReceipt(tree)
	case ConsentAsked, ConsentChanged:
		p.Consents, err = readConsents(entries(tree))
	case SubscriptionSent:
		p.Sent, err = readSent(entries(tree))
	}
	return err
}

// readReceipt takes the msgid in both spellings that were seen.
func readReceipt(tree *node) (*Receipt, error) {
	r := &Receipt{MsgID: tree.text("MsgID", "MsgId"), Status: clip(tree.text("Status"))}
	if !digits(r.MsgID) {
		return nil, Damaged.Refuse("MsgID is missing or no number")
	}
	if r.Status == "" || strings.Contains(r.Status, "<") {
		return nil, Damaged.Refuse("Status is missing or no word")
	}
	return r, nil
}

// entries are an event's List, at the top (JSON) or in an element of its own
// (XML). The element's name is not looked at: an old page of WeChat's wraps a
// change in SubscribeMsgPopupEvent.
func entries(tree *node) []*node {
	var list []*node
	for _, holder := range append([]*node{tree}, tree.children...) {
		if holder != tree && !strings.HasPrefix(holder.name, "SubscribeMsg") {
			continue
		}
		for _, c := range holder.children {
			if c.name == "List" {
				list = append(list, c)
			}
		}
	}
	return list
}

func readConsents(list []*node) ([]Consent, error) {
	var consents []Consent
	for _, entry := range list {
		status := entry.text("SubscribeStatusString")
		c := Consent{Template: entry.text("TemplateId"), Status: clip(status), Accepted: strings.EqualFold(status, "accept")}
		if !plainWord(c.Template) || !plainWord(status) {
			return nil, Damaged.Refuse("an entry of List has no TemplateId or no SubscribeStatusString")
		}
		consents = append(consents, c)
	}
	return consents, checkLength(len(consents))
}

func readSent(list []*node) ([]Sent, error) {
	var sent []Sent
	for _, entry := range list {
		code, err := strconv.Atoi(entry.text("ErrorCode"))
		s := Sent{Template: entry.text("TemplateId"), MsgID: entry.text("MsgID", "MsgId"), ErrCode: code, Status: clip(entry.text("ErrorStatus"))}
		if err != nil || !plainWord(s.Template) || s.MsgID != "" && !digits(s.MsgID) {
			return nil, Damaged.Refuse("an entry of List has no TemplateId, ErrorCode or MsgID that is one")
		}
		sent = append(sent, s)
	}
	return sent, checkLength(len(sent))
}

func checkLength(n int) error {
	switch {
	case n == 0:
		return Damaged.Refuse("List is missing or empty")
	case n > maxList:
		return Damaged.Refuse("List has more than 100 entries")
	}
	return nil
}

// moment reads CreateTime, which is a number or a string of one.
func moment(text string) time.Time {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<36 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

func digits(text string) bool {
	return text != "" && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

// plainWord tells whether text can be an openid, a template or a type: visible
// ASCII without markup.
func plainWord(text string) bool {
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return text != "" && len(text) <= maxToken
}

// clip shortens WeChat's word without cutting a character.
func clip(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= maxWord {
		return text
	}
	end := maxWord
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
