package main

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message/keys"
)

// held is what Redis holds for a fixed time or up to a fixed number, whatever
// message.keep is, in bytes.
type held struct {
	Indexes    float64 // messages by user (max_age and a day) and by msgid (a day)
	Signatures float64 // of pushes, 21 minutes
	Events     float64 // 1,000,000 an account
}

func (h held) all() float64 { return h.Indexes + h.Signatures + h.Events }

// probes is how many shards of an index are measured. Ids and msgids fall evenly
// into them, so the rest is reckoned.
const probes = 256

// weighed is how many entries of a key Redis weighs to reckon the others.
const weighed = 100

// heldBy measures what came since begun.
func heldBy(ctx context.Context, client redis.UniversalClient, cast []actor, begun, now time.Time) (h held, err error) {
	pipe := client.Pipeline()
	sizes := map[*float64][]*redis.IntCmd{}
	indexes := 0.0
	ask := func(into *float64, key string) {
		sizes[into] = append(sizes[into], pipe.MemoryUsage(ctx, key, weighed))
	}
	for _, a := range cast {
		ask(&h.Events, keys.Events(a.Name))
		for at := begun.Truncate(time.Minute).Add(-time.Minute); !at.After(now); at = at.Add(time.Minute) {
			ask(&h.Signatures, keys.Seen(a.Name, strconv.FormatInt(at.Unix()/60, 10)))
		}
		for i := range probes {
			shard := strconv.FormatInt(int64(i*ledger.Shards/probes), 36)
			for at := begun.UTC().Truncate(24 * time.Hour); !at.After(now); at = at.Add(24 * time.Hour) {
				ask(&indexes, keys.OpenIDs(a.Name, at.Format("20060102"), shard))
			}
			for at := begun.UTC().Truncate(time.Hour); !at.After(now); at = at.Add(time.Hour) {
				ask(&indexes, keys.MsgIDs(a.Name, at.Format("2006010215"), shard))
			}
		}
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return h, err
	}
	for into, list := range sizes {
		for _, size := range list {
			*into += float64(size.Val())
		}
	}
	h.Indexes = indexes * ledger.Shards / probes
	return h, nil
}
