package wechat

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"wxdispatch/internal/fault"
)

// Reply is what every answer of WeChat's may carry.
type Reply struct {
	Coded   bool   // it had an errcode; the token interface's good answer has none
	Code    int    // errcode
	Message string // errmsg without the rid, at most 512 bytes
	RID     string // WeChat's request id, or ""
	MsgID   string // msgid, or msg_id of 45065: decimal digits, or ""
	Field   string // 47003: the field that the errmsg names, as data.thing3.value
}

// maxWords is how many bytes of an errmsg are kept.
const maxWords = 512

var (
	ridPattern   = regexp.MustCompile(`[\s,]*\brid:\s*([0-9A-Za-z]+-[0-9A-Za-z]+-[0-9A-Za-z]+)`)
	fieldPattern = regexp.MustCompile(`\bdata\.[^\s.,;:!?"]+(?:\.[0-9A-Za-z_]+)?`)
)

var (
	errNoObject = errors.New("the answer is no JSON object")
	errErrCode  = errors.New("the answer's errcode is no whole number")
)

// ParseReply reads an answer's body. It fails when that is no JSON object, or
// has an errcode that is no whole number (as a number or a string). A msgid is
// never read through a float, which would lose its last digits.
func ParseReply(body []byte) (Reply, error) {
	if msgid, ok := plainOK(body); ok {
		return Reply{Coded: true, Message: "ok", MsgID: msgid}, nil
	}
	var fields struct {
		ErrCode json.RawMessage `json:"errcode"`
		ErrMsg  json.RawMessage `json:"errmsg"`
		MsgID   json.RawMessage `json:"msgid"`
		Earlier json.RawMessage `json:"msg_id"` // of 45065
	}
	if err := json.Unmarshal(body, &fields); err != nil || !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return Reply{}, errNoObject
	}
	var r Reply
	if fields.ErrCode != nil {
		code, err := strconv.Atoi(unquote(fields.ErrCode))
		if err != nil {
			return Reply{}, errErrCode
		}
		r.Coded, r.Code = true, code
	}
	r.Message, r.RID = splitRID(text(fields.ErrMsg))
	r.MsgID = digits(fields.MsgID)
	if r.MsgID == "" {
		r.MsgID = digits(fields.Earlier)
	}
	if r.Code == 47003 {
		r.Field = fieldPattern.FindString(r.Message)
	}
	r.Message = cut(r.Message, maxWords)
	return r, nil
}

// plainOK takes the answer apart that nearly all sends get, letter by letter as
// WeChat writes it; any other is the decoder's.
func plainOK(body []byte) (msgid string, ok bool) {
	rest, ok := bytes.CutPrefix(body, []byte(`{"errcode":0,"errmsg":"ok"`))
	if !ok {
		return "", false
	}
	if rest, ok = bytes.CutSuffix(rest, []byte("}")); !ok || len(rest) == 0 {
		return "", ok
	}
	number, ok := bytes.CutPrefix(rest, []byte(`,"msgid":`))
	if !ok || len(number) == 0 || len(number) > 20 || number[0] == '0' {
		return "", false
	}
	for _, c := range number {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return string(number), true
}

// Err returns the reply as an error of what op tried, or nil for errcode 0.
// Its class is that of the code.
func (r Reply) Err(op string) error {
	if r.Code == 0 {
		return nil
	}
	return &fault.Error{Op: op, Class: Lookup(r.Code).Class, Code: r.Code, Message: r.Message, RID: r.RID}
}

// splitRID takes WeChat's request id out of an errmsg; a hint beside it stays.
func splitRID(errmsg string) (words, rid string) {
	if !strings.Contains(errmsg, "rid:") {
		return strings.TrimSpace(errmsg), ""
	}
	at := ridPattern.FindStringSubmatchIndex(errmsg)
	if at == nil {
		return strings.TrimSpace(errmsg), ""
	}
	return strings.TrimSpace(errmsg[:at[0]] + errmsg[at[1]:]), errmsg[at[2]:at[3]]
}

// text returns a JSON string's content, or "" for anything else.
func text(raw json.RawMessage) string {
	if n := len(raw); n < 2 || raw[0] != '"' {
		return ""
	} else if plain := raw[1 : n-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
		return string(plain)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// unquote returns a JSON string's content, or a number's literal.
func unquote(raw json.RawMessage) string {
	if s := text(raw); s != "" {
		return s
	}
	return string(raw)
}

// digits returns a JSON number or string of 1 to 20 decimal digits as they
// stand; "" for anything else, and for 0, which names no message.
func digits(raw json.RawMessage) string {
	s := unquote(raw)
	if len(s) > 20 || strings.Trim(s, "0123456789") != "" || strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// cut shortens s to at most n bytes, and to whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
