package callback

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/wechat/push"
)

// rejectedFor is how long a user gets nothing of a template that he rejected,
// unless he accepts it again.
const rejectedFor = 30 * 24 * time.Hour

// Receipts are what pushes say of messages' fates. A subscription message
// without a msgid cannot be told from another and is left out.
func Receipts(pushes []push.Push) []ledger.Receipt {
	var list []ledger.Receipt
	for _, p := range pushes {
		if p.Receipt != nil {
			state, word := fate(p.Receipt.Status, p.Receipt.Status == success)
			list = append(list, ledger.Receipt{OpenID: p.OpenID, MsgID: p.Receipt.MsgID, State: state, Word: word, At: p.Created, Came: p.Came})
		}
		for _, s := range p.Sent {
			if s.MsgID == "" {
				continue
			}
			state, word := fate(cmp.Or(s.Status, "errcode "+strconv.Itoa(s.ErrCode)), s.ErrCode == 0)
			list = append(list, ledger.Receipt{OpenID: p.OpenID, Template: s.Template, MsgID: s.MsgID, State: state, Word: word, At: p.Created, Came: p.Came})
		}
	}
	return list
}

// fate is the state and WeChat's word, without "failed:" before it. A word that
// nobody knows yet stands as it is.
func fate(status string, good bool) (message.State, string) {
	if good {
		return message.Delivered, success
	}
	word, failed := strings.CutPrefix(status, "failed:")
	if !failed {
		return message.Undelivered, status
	}
	return message.Undelivered, cmp.Or(strings.TrimSpace(word), "failed")
}

// Choices are what a push says of the user's consents: those that were given
// anew, and what is rejected from now on.
//
// WeChat's repeats must not count a consent twice, nor reject again what was
// accepted since, and a push has no id; so each choice is named by when it was
// made.
func Choices(p push.Push, now time.Time) (given []permit.Grant, rejected []message.Suppression) {
	for _, c := range p.Consents {
		switch {
		case !c.Accepted:
			rejected = append(rejected, message.Suppression{OpenID: p.OpenID, Template: c.Template,
				Until: now.Add(rejectedFor), By: message.ByRejected, Void: true, Event: fmt.Sprintf("%s.%d", p.Type, p.Created.Unix())})
		case p.Type == push.ConsentAsked:
			given = append(given, permit.Grant{OpenID: p.OpenID, Type: message.ConsentPermit, Template: c.Template, Count: 1,
				Code: fmt.Sprintf("popup.%d", p.Created.Unix())})
		}
	}
	return given, rejected
}
