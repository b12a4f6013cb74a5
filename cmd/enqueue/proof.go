package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
)

// proof is what WeChat's support, or a user's, asks for, as --json prints it: a
// whole record with its code in both languages.
type proof struct {
	*message.Record
	Words *bothWords `json:"words,omitempty"`
}

type bothWords struct {
	English string `json:"en"`
	Chinese string `json:"zh"`
}

func proofOf(r *message.Record) proof {
	p := proof{Record: r}
	if r.ErrCode != 0 {
		c := wechat.Lookup(r.ErrCode)
		p.Words = &bothWords{c.English, c.Chinese}
	}
	return p
}

// printProof writes a record line by line, to be copied into a letter.
func printProof(w io.Writer, r *message.Record) error {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name, value)
		}
	}
	line("id", r.ID)
	line("account", r.Account+" ("+string(r.Kind)+")")
	line("openid", r.OpenID)
	line("template_id", r.TemplateID)
	line("state", strings.TrimSuffix(string(r.State)+", "+r.Reason, ", "))
	line("attempts", strconv.Itoa(r.Attempts))
	line("msgid", orDash(r.MsgID))
	line("rid", orDash(r.RID))
	line("errcode", codeInWords(r.ErrCode))
	line("errmsg", r.ErrMsg)
	line("taken", proofTime(r.CreatedAt))
	line("send_at", proofTime(r.SendAt))
	line("sent", proofTime(r.SentAt))
	line("changed", proofTime(r.UpdatedAt))
	line("receipt", receiptInWords(r.Receipt))
	for i, step := range r.History {
		name := ""
		if i == 0 {
			name = "history"
		}
		fmt.Fprintf(&b, "%-12s %s\n", name, stepInWords(step))
	}
	_, err := fmt.Fprintln(w, b.String())
	return written(err)
}

func codeInWords(errcode int) string {
	if errcode == 0 {
		return "-"
	}
	c := wechat.Lookup(errcode)
	return fmt.Sprintf("%d: %s / %s", errcode, c.English, c.Chinese)
}

func receiptInWords(r *message.Receipt) string {
	if r == nil {
		return "none so far"
	}
	return r.Status + " at " + proofTime(r.At)
}

func stepInWords(s message.Step) string {
	text := proofTime(s.At) + " " + string(s.State)
	if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	if s.ErrCode != 0 {
		text += ", " + codeInWords(s.ErrCode)
	}
	return text
}

// proofTime has its milliseconds, which tell attempts apart.
func proofTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02T15:04:05.000Z07:00")
}
