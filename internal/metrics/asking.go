package metrics

import "time"

// asking is one question to Redis that runs in the background, which several
// scrapes may wait for.
type asking struct {
	started time.Time
	done    chan struct{} // closed when there is an answer, or none will come
}

func newAsking() asking { return asking{time.Now(), make(chan struct{})} }

func (a asking) ended() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// wait tells whether it has ended, or ends before its time is over.
func (a asking) wait() bool {
	if a.ended() {
		return true
	}
	timer := time.NewTimer(time.Until(a.started.Add(lookLimit)))
	defer timer.Stop()
	select {
	case <-a.done:
		return true
	case <-timer.C:
		return false
	}
}
