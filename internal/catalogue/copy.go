package catalogue

import (
	"context"
	"sync"
	"time"
)

const (
	// Fresh is how long a look is good.
	Fresh = time.Second
	// patience is how long somebody waits for a listing that he asked for.
	patience = 3 * time.Second
	// step is how often he looks meanwhile.
	step = 100 * time.Millisecond
	// vain is how long nobody waits again after a wait that brought nothing: no
	// process with the secret is there, or WeChat does not answer.
	vain = time.Minute
)

// Copies is a process's view of the catalogue. It is safe for concurrent use.
type Copies struct {
	catalogue *Catalogue
	now       func() time.Time

	mu       sync.Mutex
	accounts map[string]*shelf
}

// shelf is one account's copy.
type shelf struct {
	mu     sync.Mutex // held while it is read, so that many wait for one trip
	set    *Set
	read   time.Time // when
	asked  time.Time // when this process last left a mark
	inVain time.Time // when a wait last brought nothing
}

// Copied makes the view of a catalogue on a clock.
func Copied(c *Catalogue, now func() time.Time) *Copies {
	return &Copies{catalogue: c, now: now, accounts: map[string]*shelf{}}
}

func (c *Copies) of(account string) *shelf {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.accounts[account]
	if s == nil {
		s = &shelf{}
		c.accounts[account] = s
	}
	return s
}

// Look returns what is known of an account's templates, as it was at most Fresh
// ago. Class Unavailable: Redis did not answer.
func (c *Copies) Look(ctx context.Context, account string) (*Set, error) {
	return c.look(ctx, account, Fresh)
}

// look returns what is known, no older than age.
func (c *Copies) look(ctx context.Context, account string, age time.Duration) (*Set, error) {
	s := c.of(account)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set != nil && c.now().Sub(s.read) < age {
		return s.set, nil
	}
	set, err := c.catalogue.Read(ctx, account, s.set)
	if err != nil {
		return nil, err
	}
	s.set, s.read = set, c.now()
	return set, nil
}

// Missed asks for a listing since a template is not in the set; with wait it
// stays up to 3 s until there is one, and returns what is known then. It asks and
// waits for nothing while WeChat is left alone, nor shortly after it did so in
// vain.
func (c *Copies) Missed(ctx context.Context, account string, set *Set, wait bool) (*Set, error) {
	if set.Resting() {
		return set, nil
	}
	s := c.of(account)
	ask, wait := s.misses(c.now(), wait)
	if ask {
		if err := c.catalogue.Ask(ctx, account); err != nil {
			return nil, err
		}
	}
	if !wait {
		return set, nil
	}
	return c.wait(ctx, account, s, set)
}

// misses tells whether to leave a mark, and whether to wait for what follows.
func (s *shelf) misses(now time.Time, wait bool) (ask, stay bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.inVain.IsZero() && now.Sub(s.inVain) < vain {
		return false, false
	}
	if ask = s.asked.IsZero() || now.Sub(s.asked) >= vain; ask {
		s.asked = now
	}
	return ask, wait
}

// wait looks until there is another listing than before. Whoever else waits
// shares the trips.
func (c *Copies) wait(ctx context.Context, account string, s *shelf, before *Set) (*Set, error) {
	end, tick := time.NewTimer(patience), time.NewTicker(step)
	defer end.Stop()
	defer tick.Stop()
	for {
		set, err := c.look(ctx, account, step)
		if err != nil || set.version != before.version {
			return set, err
		}
		select {
		case <-ctx.Done():
			return nil, unavailable("catalogue.wait", ctx.Err())
		case <-end.C:
			s.mu.Lock()
			s.inVain = c.now()
			s.mu.Unlock()
			return set, nil
		case <-tick.C:
		}
	}
}
