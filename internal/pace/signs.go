package pace

import (
	"time"

	"wxdispatch/internal/fault"
)

// signsAge is how old news of answers may get before Redis hears of them: old
// ones say nothing of today's rate.
const signsAge = 10 * time.Second

// signs counts answers for the next trip to Redis.
type signs struct {
	since      time.Time
	calls, bad int
}

// pushesBack tells whether an answer says that there are too many calls.
func pushesBack(class fault.Class) bool {
	return class == fault.Busy || class == fault.Minute || class == fault.Unanswered
}

func (s *signs) add(class fault.Class, now time.Time) {
	if s.calls == 0 || now.Sub(s.since) > signsAge {
		*s = signs{since: now}
	}
	s.calls++
	if pushesBack(class) {
		s.bad++
	}
}

func (s *signs) read(now time.Time) (calls, bad int) {
	if now.Sub(s.since) > signsAge {
		*s = signs{}
	}
	return s.calls, s.bad
}

// told takes off what Redis has heard.
func (s *signs) told(calls, bad int) {
	s.calls, s.bad = max(0, s.calls-calls), max(0, s.bad-bad)
	s.since = time.Now()
}
