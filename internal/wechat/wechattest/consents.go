package wechattest

import "wxdispatch/internal/message"

// LongTerm as a number of consents means a template that needs no counting.
const LongTerm = -1

type consentKey struct{ openid, template string }

// spendConsent takes one consent of the user for the template, or answers 43101.
// Only the kinds with consents need one, and only when that is enforced.
func (b *book) spendConsent(o *order, enforced bool) int {
	if !enforced || o.kind != message.Subscribe && o.kind != message.Bizsend && o.kind != message.Onetime {
		return 0
	}
	k := consentKey{o.to, o.template}
	switch left := b.consents[k]; {
	case left == LongTerm:
		return 0
	case left <= 0:
		return 43101
	}
	b.consents[k]--
	return 0
}

// GrantConsent adds n consents of a user for a template; LongTerm lets every
// message through, and 0 takes all away. They count once SetConsents(true) was
// called.
func (s *Sim) GrantConsent(appid, openid, template string, n int) {
	s.with(appid, func(a *account) {
		k := consentKey{openid, template}
		if n <= 0 || a.book.consents[k] == LongTerm {
			a.book.consents[k] = n
			return
		}
		a.book.consents[k] += n
	})
}
