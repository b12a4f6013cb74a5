package main

import (
	"strconv"
	"strings"
	"time"
)

// whenHelp is how times are written, for the flags' help.
const whenHelp = "as 2026-11-22T20:00:00+08:00, 2026-11-22 or 24h, 3d (ago)"

// longestAgo keeps mistyped durations from running over.
const longestAgo = 100 * 365 * 24 * time.Hour

// when reads a time: RFC 3339, a day of the local time zone, or how long ago.
// A day means its beginning, or with wholeDay its end, so that --until takes the
// day in. It answers false for anything else.
func when(text string, now time.Time, wholeDay bool) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		if wholeDay {
			return day.AddDate(0, 0, 1).Add(-time.Millisecond), true
		}
		return day, true
	}
	ago, ok := duration(text)
	if !ok || ago < 0 || ago > longestAgo {
		return time.Time{}, false
	}
	return now.Add(-ago), true
}

// duration is Go's, and whole days.
func duration(text string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}
