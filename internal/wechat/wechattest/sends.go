package wechattest

import (
	"net/http"
	"time"

	"wxdispatch/internal/message"
)

// send serves one of the six send interfaces.
func (s *Sim) send(w http.ResponseWriter, r *http.Request, kind message.Kind) {
	if r.Method != http.MethodPost {
		s.refuse(w, s.stray, kind, 43002)
		return
	}
	acc, code := s.bearer(r.URL.Query().Get("access_token"), s.now())
	if acc == nil {
		s.refuse(w, s.stray, kind, code)
		return
	}
	acc.enter()
	defer acc.leave()
	if code != 0 {
		s.refuse(w, acc, kind, code)
		return
	}
	c := call{acc: acc, kind: kind}
	if c.fault = s.faults.hit(acc.app.AppID, kind, "", true); c.fault != nil && !c.fault.Counted {
		s.perform(w, r, c, nil)
		return
	}
	body, err := readBody(r)
	if err != nil {
		s.settle(c, gone)
		return
	}
	o := read(kind, body)
	if c.fault == nil {
		c.fault = s.faults.hit(acc.app.AppID, kind, o.to, false)
	}
	s.perform(w, r, c, func() reply { return s.judge(acc, o) })
}

// verdict is what the rules say to one send.
type verdict struct {
	code   int
	msgid  int64
	repeat bool // an earlier call sent this message already
}

// judge decides on one send, and delivers it when every rule lets it.
func (s *Sim) judge(acc *account, o *order) reply {
	now, r := s.now(), s.rules.Load()
	v := s.decide(acc, o, r, now)
	switch {
	case v.repeat:
		s.repeats.Add(1)
		if v.code == 45065 {
			return repeated(v.code, v.msgid)
		}
	case v.code == 0:
		s.rings.add()
		s.pushed(acc, o, v.msgid)
	}
	switch {
	case v.code == 47003:
		return refusal(v.code, "argument invalid! data."+o.field+".value is empty", now)
	case v.code != 0:
		return refusal(v.code, "", now)
	}
	return accepted(told(o.kind, v.msgid))
}

// decide is the order of WeChat's questions. What spends something comes last.
func (s *Sim) decide(acc *account, o *order, r *rules, now time.Time) verdict {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	for _, rule := range []func() int{
		func() int { return alive(r, o.kind) },
		func() int { return allowed(acc.app.Type, o.kind) },
		func() int { return acc.book.rate.take(now) },
		func() int { return acc.book.quota.take(o.kind, now) },
		func() int { return o.code },
		func() int { return acc.book.blocked[o.to] },
		func() int { return acc.book.template(o) },
	} {
		if code := rule(); code != 0 {
			return verdict{code: code}
		}
	}
	if msgid, ok := acc.book.window.find(o, now); ok {
		return verdict{code: r.duplicate, msgid: msgid, repeat: true}
	}
	if code := acc.book.spendPermit(o, r.strictPermits, now); code != 0 {
		return verdict{code: code}
	}
	if code := acc.book.spendConsent(o, r.consents); code != 0 {
		return verdict{code: code}
	}
	msgid := s.msgid.Add(1)
	acc.book.window.add(o, msgid, now)
	acc.book.log.add(o, msgid, now)
	return verdict{msgid: msgid}
}

func alive(r *rules, kind message.Kind) int {
	if r.withdrawn[kind] {
		return withdrawnCode(kind)
	}
	return 0
}

func allowed(t message.AccountType, kind message.Kind) int {
	if t != "" && !t.Sends(kind) {
		return 48001
	}
	return 0
}

// told is the msgid that an answer names, or 0: template always, subscribe every
// second time or so, bizsend now and then, the others never.
func told(kind message.Kind, msgid int64) int64 {
	dice := uint64(msgid) * 0x9e3779b97f4a7c15 >> 61 // 0 to 7, the same for one msgid
	switch {
	case kind == message.Template,
		kind == message.Subscribe && dice < 4,
		kind == message.Bizsend && dice == 0:
		return msgid
	}
	return 0
}

// Block makes every send to that user answer code; 0 ends it.
func (s *Sim) Block(appid, openid string, code int) {
	s.with(appid, func(a *account) {
		if code == 0 {
			delete(a.book.blocked, openid)
			return
		}
		a.book.blocked[openid] = code
	})
}

// template answers 40037 for a template that the account does not have. An
// mp part names a template of the official account, which is not ours to know.
func (b *book) template(o *order) int {
	if !o.foreign && !b.shelf.good(o.template) {
		return 40037
	}
	return 0
}
