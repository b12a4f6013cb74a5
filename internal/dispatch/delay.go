package dispatch

import "time"

// china is where WeChat's days begin (UTC+8, no daylight saving time).
var china = time.FixedZone("UTC+8", 8*60*60)

// backoff is the delay after the nth counted attempt (from 1): MinDelay
// doubling up to MaxDelay, of which chance takes away up to a half so that
// messages that met the same answer do not come back together.
func backoff(r Rules, n int, chance float64) time.Duration {
	delay := r.MinDelay
	for i := 1; i < n && delay < r.MaxDelay; i++ {
		delay *= 2
	}
	delay = min(delay, r.MaxDelay)
	return delay - time.Duration(float64(delay/2)*chance)
}

// spread is d and up to as much again.
func spread(d time.Duration, chance float64) time.Duration {
	return d + time.Duration(float64(d)*chance)
}

// untilMinute is the time to the next full minute.
func untilMinute(now time.Time) time.Duration {
	return now.Truncate(time.Minute).Add(time.Minute).Sub(now)
}

// untilDay is the time to the next 00:00 UTC+8, when WeChat's quotas are taken
// to begin anew.
func untilDay(now time.Time) time.Duration {
	y, m, d := now.In(china).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, china).Sub(now)
}
