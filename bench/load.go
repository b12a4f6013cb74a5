package main

import (
	"encoding/json"
	"fmt"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
)

// load is the messages of one run: each to another user, spread over accounts.
type load struct {
	kind     message.Kind
	n        int
	accounts int
}

// account is one that the loads of a kind go to.
func (l load) account(i int) registry.Account {
	t := message.Official
	if l.kind == message.WXOpen {
		t = message.MiniProgram
	}
	name := fmt.Sprintf("%s-%d", t, i%l.accounts+1)
	return registry.Account{Name: name, Type: t, AppID: "wx" + name}
}

// all is every account of the load.
func (l load) all() []registry.Account {
	list := make([]registry.Account, l.accounts)
	for i := range list {
		list[i] = l.account(i)
	}
	return list
}

// queues are asynq's, by account.
func (l load) queues(s side) []string {
	if s == bareSide {
		return []string{bareQueue}
	}
	var list []string
	for _, a := range l.all() {
		list = append(list, a.Name+"."+string(l.kind))
	}
	return list
}

// openid names the user that message i goes to, as long as WeChat's are.
func openid(i int) string { return fmt.Sprintf("oBench%022d", i) }

// form is the code of the permit that message i spends.
func form(i int) string { return fmt.Sprintf("be%030x", i) }

// body is the request as WeChat gets it, but for the form of a wxopen message
// that a pool gives.
func (l load) body(i int, withForm bool) string {
	if l.kind != message.WXOpen {
		return fmt.Sprintf(templateBody, openid(i), i)
	}
	code := ""
	if withForm {
		code = fmt.Sprintf(`"form_id":"%s",`, form(i))
	}
	return fmt.Sprintf(wxopenBody, openid(i), code, i)
}

// The bodies are WeChat's own examples.
const (
	templateBody = `{"touser":"%s","template_id":"ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY","url":"http://weixin.qq.com/download","topcolor":"#FF0000",` +
		`"data":{"User":{"value":"黄先生","color":"#173177"},"Date":{"value":"06月07日 19时24分","color":"#173177"},"CardNumber":{"value":"%d","color":"#173177"},` +
		`"Type":{"value":"消费","color":"#173177"},"Money":{"value":"人民币260.00元","color":"#173177"},"DeadTime":{"value":"06月07日19时24分","color":"#173177"},"Left":{"value":"6504.09","color":"#173177"}}}`
	wxopenBody = `{"touser":"%s","template_id":"wDYzYZVxobJivW9oMpSCpuvACOfJXQIoKUm0PY397Tc","page":"index",%s` +
		`"data":{"keyword1":{"value":"%d","color":"#173177"},"keyword2":{"value":"2015年01月05日 12:30","color":"#173177"},` +
		`"keyword3":{"value":"粤海喜来登酒店","color":"#173177"},"keyword4":{"value":"广州市天河区天河路208号","color":"#173177"}},"emphasis_keyword":"keyword1.DATA"}`
)

// row is message i as an app hands it to wxdispatch.
func (l load) row(i int) []byte {
	return fmt.Appendf(nil, `{"id":"bench-%08d","account":"%s","kind":"%s","body":%s}`, i, l.account(i).Name, l.kind, l.body(i, false))
}

// task is message i as an app hands it to asynq.
func (l load) task(i int) ([]byte, error) {
	return json.Marshal(bareTask{Path: l.kind.Path(), Body: json.RawMessage(l.body(i, true))})
}

// grants are the permits of one account's messages.
func (l load) grants(account int, issued time.Time) []permit.Grant {
	var list []permit.Grant
	for i := account; i < l.n; i += l.accounts {
		list = append(list, permit.Grant{OpenID: openid(i), Type: message.FormPermit, Code: form(i), IssuedAt: issued})
	}
	return list
}
