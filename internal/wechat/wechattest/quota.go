package wechattest

import (
	"time"

	"wxdispatch/internal/message"
)

// beijing is the zone whose midnight ends WeChat's day.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// dayOf numbers WeChat's days.
func dayOf(t time.Time) int64 { return (t.Unix() + 8*60*60) / (24 * 60 * 60) }

// quota counts the day's calls by kind, those that WeChat refuses for their
// body or user included.
type quota struct {
	day   int64
	limit map[message.Kind]int
	used  map[message.Kind]int

	month  int // of the clears: year*12 + month
	clears int
}

func newQuota() quota {
	return quota{limit: map[message.Kind]int{}, used: map[message.Kind]int{}}
}

// take counts one call, or answers 45009 when the day's are used up.
func (q *quota) take(kind message.Kind, now time.Time) int {
	if day := dayOf(now); day != q.day {
		q.day = day
		clear(q.used)
	}
	if limit, ok := q.limit[kind]; ok && q.used[kind] >= limit {
		return 45009
	}
	q.used[kind]++
	return 0
}

// clearAll gives the whole day back, 10 times a month; then 48006.
func (q *quota) clearAll(now time.Time) int {
	local := now.In(beijing)
	if month := local.Year()*12 + int(local.Month()); month != q.month {
		q.month, q.clears = month, 0
	}
	if q.clears >= clearsPerMonth {
		return 48006
	}
	q.clears++
	clear(q.used)
	return 0
}

// rate refuses what is above perSecond calls within one second of the clock.
type rate struct {
	perSecond int // 0: no limit
	code      int
	second    int64
	n         int
}

func (r *rate) take(now time.Time) int {
	if r.perSecond <= 0 {
		return 0
	}
	if second := now.Unix(); second != r.second {
		r.second, r.n = second, 0
	}
	if r.n >= r.perSecond {
		return r.code
	}
	r.n++
	return 0
}

// SetQuota lets an account make n calls of a kind a day (UTC+8); then it answers
// 45009. Below 0: no limit, as in the beginning.
func (s *Sim) SetQuota(appid string, kind message.Kind, n int) {
	s.with(appid, func(a *account) {
		if n < 0 {
			delete(a.book.quota.limit, kind)
			return
		}
		a.book.quota.limit[kind] = n
	})
}

// SetRate makes sends above perSecond, all kinds of the account together, answer
// code (-1 and 45011 have been seen). 0: no limit, as in the beginning.
func (s *Sim) SetRate(appid string, perSecond, code int) {
	s.with(appid, func(a *account) {
		a.book.rate.perSecond, a.book.rate.code = perSecond, code
	})
}
