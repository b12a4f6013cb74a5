package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
)

// Receipts of the last hour are counted in slices of five minutes.
const (
	countSlice = 5 * time.Minute
	countHour  = time.Hour
	countLife  = 2 * time.Hour
)

// The fields of a slice: w:WORD → how many, and of those that found their
// message how many, how late all together and at most, in milliseconds.
const (
	wordField  = "w:"
	foundField = "found"
	lateField  = "late"
)

// ReceiptCounts is what came in the last hour.
type ReceiptCounts struct {
	Statuses map[string]int // WeChat's word → how many; success: delivered
	Late     time.Duration  // from a send to its receipt, on average; 0: none found its message
}

// arrival is one receipt for the counts.
type arrival struct {
	word  string
	found bool
	late  time.Duration
}

// countArrivals adds up what came. It is for people to look at: what Redis does
// not take is left out.
func (l *Ledger) countArrivals(ctx context.Context, account string, now time.Time, arrivals []arrival) {
	words, found, late := map[string]int64{}, int64(0), int64(0)
	for _, a := range arrivals {
		words[a.word]++
		if a.found {
			found++
			late += a.late.Milliseconds()
		}
	}
	if len(words) == 0 {
		return
	}
	slice := receiptSlice(account, now)
	pipe := l.redis.Pipeline()
	for word, n := range words {
		pipe.HIncrBy(ctx, slice, wordField+word, n)
	}
	pipe.HIncrBy(ctx, slice, foundField, found)
	pipe.HIncrBy(ctx, slice, lateField, late)
	pipe.Expire(ctx, slice, countLife)
	_, _ = pipe.Exec(ctx)
}

func receiptSlice(account string, at time.Time) string {
	return keys.ReceiptCounts(account, strconv.FormatInt(at.Unix()/int64(countSlice.Seconds()), 10))
}

// ReceiptCounts tells what came in the last hour, give or take five minutes; one
// trip.
func (l *Ledger) ReceiptCounts(ctx context.Context, account string, now time.Time) (ReceiptCounts, error) {
	pipe := l.redis.Pipeline()
	var slices []*redis.MapStringStringCmd
	for back := time.Duration(0); back < countHour; back += countSlice {
		slices = append(slices, pipe.HGetAll(ctx, receiptSlice(account, now.Add(-back))))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return ReceiptCounts{}, unavailable("ledger.receipt_counts", err)
	}
	counts, found, late := ReceiptCounts{Statuses: map[string]int{}}, 0, 0
	for _, slice := range slices {
		for field, text := range slice.Val() {
			if word, ok := strings.CutPrefix(field, wordField); ok {
				counts.Statuses[word] += number(text)
			}
		}
		found += number(slice.Val()[foundField])
		late += number(slice.Val()[lateField])
	}
	if found > 0 {
		counts.Late = time.Duration(late/found) * time.Millisecond
	}
	return counts, nil
}
