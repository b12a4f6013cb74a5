package dispatch

import (
	"sync"

	"wxdispatch/internal/message"
)

// Unwritten are the messages of which this process knows what came of an
// attempt and has not written it down yet, Redis being away. They are nobody's
// to rescue: whoever began one anew would take the attempt for a dead run's,
// and leave a doubt where there is none. All dispatchers of a process share one,
// for a rescue may go through another one than the attempt did. It holds no more
// than there are handlers, and the zero value is ready.
type Unwritten struct {
	mu       sync.Mutex
	messages map[written]int
}

// written names a message.
type written struct{ account, id string }

func nameOf(m *message.Message) written { return written{m.Account, m.ID} }

// add notes that a settle of the message is under way, until it is removed. On
// nil these do nothing.
func (u *Unwritten) add(m *message.Message) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.messages == nil {
		u.messages = map[written]int{}
	}
	u.messages[nameOf(m)]++
}

func (u *Unwritten) remove(m *message.Message) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	name := nameOf(m)
	if u.messages[name]--; u.messages[name] == 0 {
		delete(u.messages, name)
	}
}

// has tells whether another handler still writes the message down.
func (u *Unwritten) has(m *message.Message) bool {
	if u == nil {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.messages[nameOf(m)] > 0
}
