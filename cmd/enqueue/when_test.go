package main

import (
	"testing"
	"time"
)

func TestWhen(t *testing.T) {
	east := time.FixedZone("UTC+8", 8*3600)
	now := time.Date(2026, 11, 22, 20, 0, 0, 0, east)
	cases := []struct {
		text     string
		wholeDay bool
		want     string // empty: not a time
	}{
		{"2026-11-22T12:00:00Z", false, "2026-11-22T20:00:00+08:00"},
		{"2026-11-22T12:00:00.5+08:00", false, "2026-11-22T12:00:00.5+08:00"},
		{"2026-11-21", false, "2026-11-21T00:00:00+08:00"},
		{"2026-11-21", true, "2026-11-21T23:59:59.999+08:00"},
		{"24h", false, "2026-11-21T20:00:00+08:00"},
		{"90m", true, "2026-11-22T18:30:00+08:00"},
		{"7d", false, "2026-11-15T20:00:00+08:00"},
		{"0s", false, "2026-11-22T20:00:00+08:00"},
		{"-1h", false, ""},
		{"-1d", false, ""},
		{"99999999d", false, ""},
		{"2000000h", false, ""},
		{"2026-13-01", false, ""},
		{"2026-11-22 20:00", false, ""},
		{"yesterday", false, ""},
		{"1763800000", false, ""},
		{"", false, ""},
	}
	for _, c := range cases {
		at, ok := when(c.text, now, c.wholeDay)
		if got := at.In(east).Format(time.RFC3339Nano); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%q: got %s, %v, want %q", c.text, got, ok, c.want)
		}
	}
}

func FuzzWhen(f *testing.F) {
	for _, text := range []string{"2026-11-22T12:00:00Z", "2026-11-22", "24h", "7d", "-1h", "1e9d"} {
		f.Add(text)
	}
	now := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		begin, ok := when(text, now, false)
		end, okToo := when(text, now, true)
		if ok != okToo || end.Before(begin) {
			t.Errorf("%q: from %s (%v) until %s (%v)", text, begin, ok, end, okToo)
		}
	})
}
