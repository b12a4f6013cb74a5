package standing

import (
	"testing"
	"time"

	"wxdispatch/internal/message"
)

var now = time.Date(2026, 11, 22, 23, 50, 0, 0, time.FixedZone("UTC+8", 8*60*60))

func quota(used, most int) Quota {
	return Quota{Used: used, Limit: &most, ResetsAt: now.Add(10 * time.Minute)}
}

func TestWhenWhatWaitsIsDone(t *testing.T) {
	free := Quota{ResetsAt: now.Add(10 * time.Minute)}
	midnight := free.ResetsAt
	rate := Rate{Configured: 10, Now: 10}
	for _, c := range []struct {
		name string
		lane Lane
		want time.Time
	}{
		{"nothing waits", Lane{State: Running, Rate: rate, Quota: free}, time.Time{}},
		{"600 at 10 a second", Lane{State: Running, Backlog: Backlog{Pending: 500, Waiting: 100}, Rate: rate, Quota: free}, now.Add(time.Minute)},
		{"nobody knows the rate", Lane{State: Running, Backlog: Backlog{Pending: 5}, Quota: free}, time.Time{}},
		{"paused by hand", Lane{State: Paused, Backlog: Backlog{Pending: 5}, Rate: rate, Quota: free}, time.Time{}},
		{"parked until midnight", Lane{State: Parked, Park: &Park{Until: midnight}, Backlog: Backlog{Pending: 600}, Rate: rate, Quota: free}, midnight.Add(time.Minute)},
		{"parked, nobody knows until when", Lane{State: Parked, Park: &Park{}, Backlog: Backlog{Pending: 600}, Rate: rate, Quota: free}, time.Time{}},
		{"the quota takes the next day", Lane{State: Running, Backlog: Backlog{Pending: 110}, Rate: rate, Quota: quota(0, 100)}, midnight.Add(time.Second)},
		{"and the days after", Lane{State: Running, Backlog: Backlog{Pending: 310}, Rate: rate, Quota: quota(100, 100)}, midnight.AddDate(0, 0, 3).Add(time.Second)},
		{"used up, parked until midnight", Lane{State: Parked, Park: &Park{Until: midnight}, Backlog: Backlog{Pending: 100}, Rate: rate, Quota: quota(100, 100)}, midnight.Add(10 * time.Second)},
		{"a quota of none", Lane{State: Running, Backlog: Backlog{Pending: 1}, Rate: rate, Quota: quota(0, 0)}, time.Time{}},
	} {
		a := Account{Kinds: map[message.Kind]Lane{message.Template: c.lane}}
		a.Estimate(now)
		if got := a.Kinds[message.Template].ETA; !got.Equal(c.want) {
			t.Errorf("%s: done at %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWhatIsToldFirst(t *testing.T) {
	var l Lane
	for _, p := range []Park{{By: "wechat", Reason: "minute", Until: now}, {By: Person, Reason: "price", Until: now}, {By: "wechat", Reason: "account"}} {
		l.Stop(p)
	}
	if l.State != Parked || l.Park.Reason != "price" || len(l.Others) != 2 {
		t.Errorf("got %+v, others %+v; want the person's first", l.Park, l.Others)
	}
}
