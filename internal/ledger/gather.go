package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/gather"
)

// flightTime bounds one trip of many asks.
const flightTime = 3 * time.Second

// gathering is how asks of many callers about one account become one trip, and
// one run of a script decides about many messages.
type gathering = gather.Gathering[ask, []any]

func newGathering(fly func(ctx context.Context, asks []ask) ([][]any, error)) *gathering {
	return gather.New(mostTurns, func(ctx context.Context, asks []ask) []gather.Answer[[]any] {
		ctx, cancel := context.WithTimeout(ctx, flightTime)
		defer cancel()
		return trip(ctx, asks, fly)
	})
}

// trip answers all of a list, those of one script next to each other. Where
// Redis refuses the trip as a whole each is asked again by itself: what is wrong
// with one is nobody else's.
func trip(ctx context.Context, asks []ask, fly func(context.Context, []ask) ([][]any, error)) []gather.Answer[[]any] {
	places := byScript(asks)
	sorted := make([]ask, len(asks))
	for i, place := range places {
		sorted[i] = asks[place]
	}
	found := make([]gather.Answer[[]any], len(asks))
	answers, err := fly(ctx, sorted)
	for i, place := range places {
		switch {
		case err == nil:
			found[place].Value = answers[i]
		case len(asks) > 1 && refusedByRedis(err):
			found[place] = single(ctx, sorted[i], fly)
		default:
			found[place].Err = err
		}
	}
	return found
}

func single(ctx context.Context, a ask, fly func(context.Context, []ask) ([][]any, error)) gather.Answer[[]any] {
	answers, err := fly(ctx, []ask{a})
	if err != nil {
		return gather.Answer[[]any]{Err: err}
	}
	return gather.Answer[[]any]{Value: answers[0]}
}

// byScript are the places of the asks in an order that puts those of one script,
// and of them those of one group, next to each other, as they came first.
func byScript(asks []ask) []int {
	places := make([]int, len(asks))
	first := map[*redis.Script]int{}
	for i, a := range asks {
		places[i] = i
		if _, known := first[a.decision.in]; !known {
			first[a.decision.in] = i
		}
	}
	slices.SortStableFunc(places, func(i, j int) int {
		a, b := asks[i], asks[j]
		return cmp.Or(first[a.decision.in]-first[b.decision.in], strings.Compare(a.decision.name, b.decision.name), strings.Compare(a.common, b.common))
	})
	return places
}
