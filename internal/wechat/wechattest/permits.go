package wechattest

import (
	"strings"
	"time"
)

// WeChat's rules for form ids and prepay ids.
const (
	permitLife  = 7 * 24 * time.Hour
	formUses    = 1
	paymentUses = 3
)

// permit is a form_id or prepay_id and what is left of it.
type permit struct {
	openid  string
	left    int
	expires time.Time
}

// spendPermit takes one use of the form id, or tells what is wrong with it: used
// up 41029; unknown, expired, another user's, or no form id at all 41028.
func (b *book) spendPermit(o *order, strict bool, now time.Time) int {
	if o.form == "" {
		return 0
	}
	p := b.permits[o.form]
	if p == nil && !strict && plausible(o.form) {
		p = &permit{openid: o.to, left: usesOf(o.form), expires: now.Add(permitLife)}
		b.permits[o.form] = p
	}
	switch {
	case p == nil || p.openid != o.to || !now.Before(p.expires):
		return 41028
	case p.left <= 0:
		return 41029
	}
	p.left--
	return 0
}

// plausible refuses what apps pass by mistake: the developer tools' mock texts,
// a prepay_id with its prefix, a transaction id.
func plausible(code string) bool {
	return !strings.HasPrefix(code, "the formId is ") && !strings.HasPrefix(code, "prepay_id=") && !isTransaction(code)
}

func isTransaction(code string) bool {
	return strings.HasPrefix(code, "4200") && strings.Trim(code, "0123456789") == ""
}

func usesOf(code string) int {
	if strings.HasPrefix(code, "wx") {
		return paymentUses
	}
	return formUses
}

// GrantForm gives the user's form_id: 1 message within 7 days.
func (s *Sim) GrantForm(appid, openid, code string) { s.grant(appid, openid, code, formUses) }

// GrantPayment gives the user's prepay_id: 3 messages within 7 days.
func (s *Sim) GrantPayment(appid, openid, code string) { s.grant(appid, openid, code, paymentUses) }

func (s *Sim) grant(appid, openid, code string, uses int) {
	expires := s.now().Add(permitLife)
	s.with(appid, func(a *account) {
		a.book.permits[code] = &permit{openid: openid, left: uses, expires: expires}
	})
}

// ExpirePermit ends a form_id or prepay_id before its time. It tells whether
// there was one.
func (s *Sim) ExpirePermit(appid, code string) bool {
	now, known := s.now(), false
	s.with(appid, func(a *account) {
		var p *permit
		if p, known = a.book.permits[code]; known {
			p.expires = now
		}
	})
	return known
}

// PermitLeft returns how often a form_id or prepay_id may still be used, and
// whether the stand-in knows it.
func (s *Sim) PermitLeft(appid, code string) (left int, known bool) {
	now := s.now()
	s.with(appid, func(a *account) {
		var p *permit
		if p, known = a.book.permits[code]; known && now.Before(p.expires) {
			left = p.left
		}
	})
	return left, known
}
