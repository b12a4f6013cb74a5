package main

import (
	"fmt"
	"time"

	wxdispatch "wxdispatch"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
)

// actor is one account of a soak. They come in threes: an official account that
// is told by webhook what became of its messages, a mini program whose messages
// spend forms from the pool, and an official account that sends a batch.
type actor struct {
	registry.Account
	kind  message.Kind
	batch string // "": single messages
	hook  bool
}

// castOf are so many accounts.
func castOf(n int) []actor {
	list := make([]actor, n)
	for i := range list {
		a := &list[i]
		switch i % 3 {
		case 0:
			*a = actor{kind: message.Template, hook: true}
		case 1:
			*a = actor{kind: message.WXOpen}
		case 2:
			*a = actor{kind: message.Template, batch: "soak"}
		}
		a.Type = message.Official
		if a.kind == message.WXOpen {
			a.Type = message.MiniProgram
		}
		a.Name = fmt.Sprintf("soak-%d", i+1)
		a.AppID = "wx" + a.Name
	}
	return list
}

// queue is asynq's, where the account's messages wait.
func (a actor) queue() string {
	name := a.Name + "." + string(a.kind)
	if a.batch != "" {
		name += "." + a.batch
	}
	return name
}

// users is how many users an account of a soak has; they get messages in turn.
const users = 50_000

// message is number i of the soak, to the user whose turn it is.
func (a actor) message(i int) (*wxdispatch.Message, error) {
	var options []wxdispatch.MessageOption
	if a.batch != "" {
		options = append(options, wxdispatch.Batch(a.batch))
	}
	options = append(options, wxdispatch.ID(fmt.Sprintf("soak-%08d", i)))
	number := fmt.Sprint(i)
	if a.kind == message.WXOpen {
		return wxdispatch.NewMessage(a.Name, wxdispatch.WXOpen{ToUser: openid(i % users), TemplateID: "wDYzYZVxobJivW9oMpSCpuvACOfJXQIoKUm0PY397Tc", Page: "index",
			Data: wxdispatch.Data{"keyword1": number, "keyword2": "2015年01月05日 12:30", "keyword3": "粤海喜来登酒店", "keyword4": "广州市天河区天河路208号"}}, options...)
	}
	return wxdispatch.NewMessage(a.Name, wxdispatch.Template{ToUser: openid(i % users), TemplateID: "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY", URL: "http://weixin.qq.com/download",
		Data: wxdispatch.Data{"User": "黄先生", "Date": "06月07日 19时24分", "CardNumber": number, "Type": "消费", "Money": "人民币260.00元"}}, options...)
}

const (
	// formDays is how long a form is good, and formMargin how much earlier
	// wxdispatch holds it for over.
	formDays   = 7 * 24 * time.Hour
	formMargin = 5 * time.Minute
)

// grant is the form that message i spends, or another message of that user. Only
// so much is left of its days: a spent form is remembered until its end, and the
// soak shall see those ends.
func (a actor) grant(i int, now time.Time, left time.Duration) wxdispatch.Grant {
	return wxdispatch.Grant{OpenID: openid(i % users), Type: wxdispatch.FormPermit, Code: form(i), IssuedAt: now.Add(formMargin + left - formDays)}
}
