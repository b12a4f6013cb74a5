package config

import (
	"fmt"
	"strings"
	"time"
)

// QuietHours is the time of a day in which batches hold. The zero value is
// none.
type QuietHours struct {
	From, To time.Duration // since midnight, UTC+8; To may be the next morning
}

// chinaTime is the zone of WeChat's days and of quiet hours.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// ParseQuietHours reads "22:00-08:00"; empty text is none.
func ParseQuietHours(text string) (QuietHours, error) {
	if text == "" {
		return QuietHours{}, nil
	}
	from, to, _ := strings.Cut(text, "-")
	start, err1 := clock(from)
	end, err2 := clock(to)
	if err1 != nil || err2 != nil {
		return QuietHours{}, fmt.Errorf(`found %q; write HH:MM-HH:MM in UTC+8, such as "22:00-08:00"`, text)
	}
	if start == end {
		return QuietHours{}, fmt.Errorf("found %q, which starts when it ends; write two times, or nothing", text)
	}
	return QuietHours{start, end}, nil
}

func clock(text string) (time.Duration, error) {
	if len(text) != len("15:04") {
		return 0, fmt.Errorf("no time of day: %q", text)
	}
	t, err := time.Parse("15:04", text)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err
}

// Until returns when the quiet hours that now stands in end, or the zero time
// when now is not quiet. They start at From and end before To.
func (q QuietHours) Until(now time.Time) time.Time {
	if q.From == q.To {
		return time.Time{}
	}
	now = now.In(chinaTime)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, chinaTime)
	since := now.Sub(midnight)
	switch {
	case q.From < q.To && since >= q.From && since < q.To, q.From > q.To && since < q.To:
		return midnight.Add(q.To)
	case q.From > q.To && since >= q.From:
		return midnight.Add(24*time.Hour + q.To)
	}
	return time.Time{}
}

// Quiet returns the account's quiet hours. Load has judged the text.
func (a Account) Quiet() QuietHours {
	q, _ := ParseQuietHours(a.QuietHours)
	return q
}
