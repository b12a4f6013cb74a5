package wechattest

import (
	"maps"

	"wxdispatch/internal/message"
)

// rules hold for all accounts. A rules value is never changed once stored.
type rules struct {
	strictPermits bool
	consents      bool
	duplicate     int // what a repeated client_msg_id answers; 0: ok with the same msgid
	withdrawn     map[message.Kind]bool
}

// change stores a changed copy of the rules.
func (s *Sim) change(f func(*rules)) {
	for {
		old := s.rules.Load()
		next := *old
		next.withdrawn = maps.Clone(old.withdrawn)
		f(&next)
		if s.rules.CompareAndSwap(old, &next) {
			return
		}
	}
}

// Withdraw ends an interface, as WeChat did with wxopen (45103, since
// 2020-01-10) and uniform (45109, since 2023-09-20); other kinds answer 48009.
func (s *Sim) Withdraw(kind message.Kind) {
	s.change(func(r *rules) { r.withdrawn[kind] = true })
}

// SetConsents says whether subscribe, bizsend and onetime need a consent that
// was granted before (GrantConsent); without one they answer 43101.
func (s *Sim) SetConsents(enforce bool) {
	s.change(func(r *rules) { r.consents = enforce })
}

// SetDuplicateAnswer says what a repeated client_msg_id answers: 0 is ok with
// the first msgid, 45065 and 40241 have been seen, too. It is never delivered
// again.
func (s *Sim) SetDuplicateAnswer(code int) {
	s.change(func(r *rules) { r.duplicate = code })
}

func withdrawnCode(kind message.Kind) int {
	switch kind {
	case message.WXOpen:
		return 45103
	case message.Uniform:
		return 45109
	}
	return 48009
}
