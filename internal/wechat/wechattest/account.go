package wechattest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// account is all that the stand-in knows of one app. Its mutex is held for the
// decision on one call only.
type account struct {
	app App

	open, peakOpen atomic.Int64 // send calls under way, and the most at once

	mu    sync.Mutex
	purse purse
	book  book
}

// book is the part of an account that Reset forgets.
type book struct {
	permits  map[string]*permit
	consents map[consentKey]int
	blocked  map[string]int // openid → errcode
	shelf    shelf
	window   window
	quota    quota
	rate     rate
	log      journal
	counts   counts
}

func newAccount(app App) *account {
	acc := &account{app: app}
	acc.reset()
	return acc
}

func (a *account) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.peakOpen.Store(a.open.Load())
	a.book = book{
		permits:  map[string]*permit{},
		consents: map[consentKey]int{},
		blocked:  map[string]int{},
		shelf:    newShelf(a.app.Type),
		window:   newWindow(),
		quota:    newQuota(),
		log:      newJournal(),
		counts:   newCounts(),
	}
}

// enter notes that a send call is under way; the caller defers leave.
func (a *account) enter() {
	n := a.open.Add(1)
	for {
		peak := a.peakOpen.Load()
		if n <= peak || a.peakOpen.CompareAndSwap(peak, n) {
			return
		}
	}
}

func (a *account) leave() { a.open.Add(-1) }

// lookup returns the account of an appid, or nil. With Options.AnyApp every
// appid has one.
func (s *Sim) lookup(appid string) *account {
	s.mu.RLock()
	acc := s.accounts[appid]
	s.mu.RUnlock()
	if acc != nil || !s.opt.AnyApp || appid == "" {
		return acc
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if acc = s.accounts[appid]; acc == nil {
		acc = newAccount(App{AppID: appid})
		s.accounts[appid] = acc
	}
	return acc
}

// with runs f on an account's book, under its mutex.
func (s *Sim) with(appid string, f func(*account)) {
	acc := s.lookup(appid)
	if acc == nil {
		panic(fmt.Sprintf("wechattest: no app %q; known are %q; name it in Options.Apps, or set Options.AnyApp", appid, s.appids()))
	}
	acc.mu.Lock()
	defer acc.mu.Unlock()
	f(acc)
}

func (s *Sim) appids() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.accounts))
}

// everyone returns all accounts by appid, and last the one for stray calls.
func (s *Sim) everyone() []*account {
	s.mu.RLock()
	all := slices.Collect(maps.Values(s.accounts))
	s.mu.RUnlock()
	slices.SortFunc(all, func(a, b *account) int { return cmp.Compare(a.app.AppID, b.app.AppID) })
	return append(all, s.stray)
}
