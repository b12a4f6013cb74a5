package wechattest

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"
)

// WeChat's rules for tokens.
const (
	overlap        = 5 * time.Minute // a replaced classic token stays good for this long
	classicPerDay  = 2000
	stablePerDay   = 500000
	stablePerMin   = 10000
	forcedPerDay   = 20
	forcedInterval = 30 * time.Second
)

// tokenPrefix and tokenBytes shape our tokens, so that a malformed one (40014)
// can be told from an unknown one (40001).
const (
	tokenPrefix = "98_"
	tokenBytes  = 96
)

// grant is one access_token; guarded by its account's mutex.
type grant struct {
	acc     *account
	value   string
	expires time.Time // 42001 from then on
	dies    time.Time // 40001 from then on, because a newer one replaced it; zero: lives
}

func (g *grant) code(now time.Time) int {
	switch {
	case !g.dies.IsZero() && !now.Before(g.dies):
		return 40001
	case !now.Before(g.expires):
		return 42001
	}
	return 0
}

// die makes the token invalid at the given time, or earlier if it must anyway.
func (g *grant) die(at time.Time) {
	if g.dies.IsZero() || at.Before(g.dies) {
		g.dies = at
	}
}

// issued is what a fetch brings.
type issued struct {
	value string
	left  time.Duration
}

func (g *grant) issue(now time.Time) issued { return issued{g.value, g.expires.Sub(now)} }

// purse holds an account's tokens and how many it fetched.
type purse struct {
	all     []*grant
	classic *grant // the newest of /cgi-bin/token
	stable  *grant // the current one of /cgi-bin/stable_token

	day, minute                         int64
	classics, stables, forced, inMinute int // fetches of this day and minute
	lastForced                          time.Time
	total                               TokenStats
}

// turn starts the day's and the minute's counts anew when they are over.
func (p *purse) turn(now time.Time) {
	if day := dayOf(now); day != p.day {
		p.day, p.classics, p.stables, p.forced = day, 0, 0, 0
	}
	if minute := now.Unix() / 60; minute != p.minute {
		p.minute, p.inMinute = minute, 0
	}
}

// mint makes a new token; the caller holds the account's mutex.
func (s *Sim) mint(acc *account, now time.Time) *grant {
	raw := make([]byte, tokenBytes)
	rand.Read(raw)
	g := &grant{acc: acc, value: tokenPrefix + base64.RawURLEncoding.EncodeToString(raw), expires: now.Add(s.opt.TokenTTL)}
	acc.purse.all = append(acc.purse.all, g)
	s.grants.Store(g.value, g)
	return g
}

// fetchClassic answers /cgi-bin/token: always a new token, and the one before
// stays good for 5 minutes.
func (s *Sim) fetchClassic(acc *account, now time.Time) (issued, int) {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	p := &acc.purse
	p.turn(now)
	if p.classics >= classicPerDay {
		return issued{}, 45009
	}
	p.classics++
	p.total.Classic++
	if p.classic != nil {
		p.classic.die(now.Add(overlap))
	}
	p.classic = s.mint(acc, now)
	return p.classic.issue(now), 0
}

// fetchStable answers /cgi-bin/stable_token: the same token until its last 5
// minutes, then a new one beside it; force kills the old one at once.
func (s *Sim) fetchStable(acc *account, force bool, now time.Time) (issued, int) {
	acc.mu.Lock()
	defer acc.mu.Unlock()
	p := &acc.purse
	p.turn(now)
	if code := p.admit(force, now); code != 0 {
		return issued{}, code
	}
	p.stables++
	p.inMinute++
	p.total.Stable++
	if force {
		p.forced++
		p.total.Forced++
		p.lastForced = now
		if p.stable != nil {
			p.stable.die(now)
		}
	}
	if force || p.stable == nil || p.stable.code(now) != 0 || p.stable.expires.Sub(now) <= s.lastStretch() {
		p.stable = s.mint(acc, now)
	}
	return p.stable.issue(now), 0
}

func (p *purse) admit(force bool, now time.Time) int {
	switch {
	case p.stables >= stablePerDay, force && p.forced >= forcedPerDay:
		return 45009
	case p.inMinute >= stablePerMin:
		return 45011
	case force && !p.lastForced.IsZero() && now.Sub(p.lastForced) < forcedInterval:
		return 45011
	}
	return 0
}

// lastStretch is how long before its end a stable token is replaced: 5 minutes
// of WeChat's 2 hours, and the same share of a shorter life.
func (s *Sim) lastStretch() time.Duration {
	return min(overlap, s.opt.TokenTTL/24)
}

// bearer returns the account that a token stands for, or the errcode that
// WeChat answers.
func (s *Sim) bearer(token string, now time.Time) (*account, int) {
	if token == "" {
		return nil, 41001
	}
	found, ok := s.grants.Load(token)
	if !ok {
		if len(token) != len(tokenPrefix)+base64.RawURLEncoding.EncodedLen(tokenBytes) || !strings.HasPrefix(token, tokenPrefix) {
			return nil, 40014
		}
		return nil, 40001
	}
	g := found.(*grant)
	g.acc.mu.Lock()
	defer g.acc.mu.Unlock()
	return g.acc, g.code(now)
}

// Token returns the account's stable token, for tests that do not go through
// the token endpoints. It counts as no fetch.
func (s *Sim) Token(appid string) string {
	now, value := s.now(), ""
	s.with(appid, func(a *account) {
		if a.purse.stable == nil || a.purse.stable.code(now) != 0 {
			a.purse.stable = s.mint(a, now)
		}
		value = a.purse.stable.value
	})
	return value
}

// ExpireTokens makes every token that the account has answer 42001 from now on;
// the next fetch brings a new one.
func (s *Sim) ExpireTokens(appid string) {
	now := s.now()
	s.with(appid, func(a *account) {
		for _, g := range a.purse.all {
			if g.expires.After(now) {
				g.expires = now
			}
		}
	})
}

// RevokeTokens makes every token that the account has answer 40001 from now on,
// as when another program fetched a newer one.
func (s *Sim) RevokeTokens(appid string) {
	now := s.now()
	s.with(appid, func(a *account) {
		for _, g := range a.purse.all {
			g.die(now)
		}
	})
}
