package template

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Park is a template that takes nothing until somebody ends that: WeChat banned
// it, or a person stopped it.
type Park struct {
	Template string    `json:"template_id"`
	Since    time.Time `json:"since"`
	By       string    `json:"by"` // wechat, operator
	Who      string    `json:"who,omitempty"`
	Words    string    `json:"reason,omitempty"`
	ErrCode  int       `json:"errcode,omitempty"`
	ErrMsg   string    `json:"errmsg,omitempty"`
	RID      string    `json:"rid,omitempty"`
	Host     string    `json:"host,omitempty"`
}

// ReadPark reads what stands in Redis: "since JSON", since in milliseconds.
func ReadPark(id, text string) (Park, bool) {
	since, info, ok := strings.Cut(text, " ")
	ms, err := strconv.ParseInt(since, 10, 64)
	if !ok || err != nil {
		return Park{}, false
	}
	var p Park
	if json.Unmarshal([]byte(info), &p) != nil {
		return Park{}, false
	}
	p.Template, p.Since = id, time.UnixMilli(ms)
	return p, true
}

// String says in words who parked it and why.
func (p Park) String() string {
	if p.By == "wechat" {
		text := "WeChat banned it (errcode " + strconv.Itoa(p.ErrCode)
		if p.RID != "" {
			text += ", rid " + p.RID
		}
		if p.ErrMsg != "" {
			text += ": " + p.ErrMsg
		}
		return text + ")"
	}
	text := "parked"
	if p.Who != "" {
		text += " by " + p.Who
	}
	if p.Words != "" {
		text += ": " + p.Words
	}
	return text
}
