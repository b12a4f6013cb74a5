package worker

import (
	"maps"
	"slices"
	"sync"
)

// fleet is the accounts at work, which come and go with the configuration.
type fleet struct {
	mu       sync.RWMutex
	accounts map[string]*account
	retiring sync.WaitGroup // those that were taken out and still end what runs
}

// all returns the accounts by name.
func (f *fleet) all() []*account {
	f.mu.RLock()
	defer f.mu.RUnlock()
	list := make([]*account, 0, len(f.accounts))
	for _, name := range slices.Sorted(maps.Keys(f.accounts)) {
		list = append(list, f.accounts[name])
	}
	return list
}

// find returns the account of a name, or nil.
func (f *fleet) find(name string) *account {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.accounts[name]
}

// put takes an account in, or with nil out, and lets the one that was there end
// by itself: the others do not wait for it.
func (f *fleet) put(name string, a *account) {
	f.mu.Lock()
	before := f.accounts[name]
	if a == nil {
		delete(f.accounts, name)
	} else {
		f.accounts[name] = a
	}
	f.mu.Unlock()
	if before == nil {
		return
	}
	before.drain()
	f.retiring.Go(func() {
		before.stop()
		before.close()
	})
}

// stop drains all accounts before it waits for any, so that none goes on while
// another one ends.
func (f *fleet) stop() error {
	list := f.all()
	for _, a := range list {
		a.drain()
	}
	var all sync.WaitGroup
	for _, a := range list {
		all.Go(a.stop)
	}
	all.Wait()
	f.retiring.Wait()
	return nil
}

// close lets go of what the accounts hold.
func (f *fleet) close() error {
	for _, a := range f.all() {
		a.close()
	}
	return nil
}
