package ledger

import (
	"context"
	"iter"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

const (
	// page is how many records one trip looks at.
	page = 500
	// mostPages is how many trips one EndsPage makes at most, though it finds
	// little that its filter picks.
	mostPages = 20
)

// Place is where a look through the bad ends stands: behind one of them. The
// zero value stands before the first.
type Place struct {
	At int64  // when it ended, in milliseconds: its score in the index
	ID string // of the message
}

// EndsPage is a part of the bad ends that a filter picks.
type EndsPage struct {
	Records []*message.Record // oldest first
	Places  []Place           // of each record
	Next    Place             // behind the last one that was looked at
	More    bool              // something may follow; also when Records is short, or empty
}

// Ends yields the bad ends of an account that the filter picks, oldest first,
// a page a trip, however many there are. What ends while it runs may or may
// not be among them. It stops at the first error.
func (l *Ledger) Ends(ctx context.Context, account string, f Filter) iter.Seq2[*message.Record, error] {
	return func(yield func(*message.Record, error) bool) {
		for e, err := range l.look(ctx, account, f, Place{}, 0) {
			if err != nil {
				yield(nil, err)
				return
			}
			if e.record != nil && !yield(e.record, nil) {
				return
			}
		}
	}
}

// EndsPage returns up to most of the bad ends that the filter picks behind a
// place. It looks at 10,000 at most, so a page may be short, or empty, and be
// followed by others.
func (l *Ledger) EndsPage(ctx context.Context, account string, f Filter, from Place, most int) (EndsPage, error) {
	p := EndsPage{Next: from}
	for e, err := range l.look(ctx, account, f, from, mostPages) {
		if err != nil {
			return p, err
		}
		p.Next, p.More = e.place, e.more
		if e.record != nil {
			p.Records, p.Places = append(p.Records, e.record), append(p.Places, e.place)
			if len(p.Records) == most {
				break
			}
		}
	}
	return p, nil
}

// end is one place of the index that was looked at.
type end struct {
	place  Place
	more   bool            // others follow
	record *message.Record // nil: not picked, or its keep is over
}

// look goes through the index behind a place, up to so many pages; 0: all.
func (l *Ledger) look(ctx context.Context, account string, f Filter, from Place, pages int) iter.Seq2[end, error] {
	index := keys.Ends(account)
	if f.State == message.InDoubt {
		index = keys.Doubts(account)
	}
	if since := millis(f.Since); since > from.At {
		from = Place{At: since}
	}
	return func(yield func(end, error) bool) {
		for n, last := 0, false; !last && (pages == 0 || n < pages); n++ {
			var places []Place
			var err error
			if places, last, err = l.behind(ctx, index, from, f.Until); err != nil {
				yield(end{}, err)
				return
			}
			records, err := l.Records(ctx, account, idsOf(places))
			if err != nil {
				yield(end{}, err)
				return
			}
			for i, record := range records {
				from = places[i]
				if record == nil { // its keep is over
					_ = l.redis.ZRem(ctx, index, from.ID).Err()
				} else if !f.Picks(record) {
					record = nil
				}
				if !yield(end{from, !last || i+1 < len(records), record}, nil) {
					return
				}
			}
		}
	}
}

// behind reads the places of an index that follow one, a page, and tells
// whether they are the last. Many may share one time, so a page that brings
// nothing new is asked for again, twice as long.
func (l *Ledger) behind(ctx context.Context, index string, from Place, until time.Time) (places []Place, last bool, err error) {
	to := "+inf"
	if !until.IsZero() {
		to = strconv.FormatInt(millis(until), 10)
	}
	for count := int64(page); ; count *= 2 {
		rows, err := l.redis.ZRangeByScoreWithScores(ctx, index, &redis.ZRangeBy{
			Min: strconv.FormatInt(from.At, 10), Max: to, Count: count}).Result()
		if err != nil {
			return nil, false, unavailable("ledger.list", err)
		}
		for _, row := range rows {
			if p := (Place{int64(row.Score), row.Member.(string)}); p.After(from) {
				places = append(places, p)
			}
		}
		if last = int64(len(rows)) < count; last || len(places) > 0 {
			return places, last, nil
		}
	}
}

// After tells whether a place comes after another one: by time, then by id, as
// Redis has them.
func (p Place) After(other Place) bool {
	return p.At > other.At || p.At == other.At && p.ID > other.ID
}

func idsOf(places []Place) []string {
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	return ids
}
