package pace

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
)

// recovery is what the rate in force takes from nothing to the configured one,
// as in lua/lease.lua.
const recovery = 3 * time.Minute

// Standing is how an account's pace stands, for all its workers.
type Standing struct {
	Rates
	Burst    int       // the lowest of all workers' configurations; 0: no worker is there
	Workers  int       // that told of themselves within the last minute
	Override float64   // an operator's rate; 0: none
	Until    time.Time // when the override ends; zero: not by itself
}

// Read tells how an account's pace stands; one trip. Without a worker and an
// override its rates are 0. Class Unavailable when Redis does not answer.
func Read(ctx context.Context, client redis.UniversalClient, account string) (Standing, error) {
	values, err := lookScript.Run(ctx, client, []string{keys.Pace(account)}).Slice()
	if err != nil || len(values) != 2 {
		return Standing{}, unavailable("pace.read", err)
	}
	now, _ := values[0].(int64)
	flat, _ := values[1].([]any)
	fields := map[string]string{}
	for i := 0; i+1 < len(flat); i += 2 {
		name, _ := flat[i].(string)
		fields[name], _ = flat[i+1].(string)
	}
	return standingOf(fields, now), nil
}

// standingOf reads the fields of the account's pace as lua/lease.lua does; now is
// microseconds.
func standingOf(fields map[string]string, now int64) Standing {
	var s Standing
	for name, text := range fields {
		w := numbers(text)
		if !strings.HasPrefix(name, "w:") || len(w) != 3 || w[2] < float64(now) {
			continue
		}
		if s.Workers++; s.Workers == 1 {
			s.Configured, s.Highest, s.Burst = w[0], w[0], int(w[1])
		}
		s.Configured, s.Highest, s.Burst = min(s.Configured, w[0]), max(s.Highest, w[0]), min(s.Burst, int(w[1]))
	}
	if o := numbers(fields["override"]); len(o) == 2 && (o[1] == 0 || o[1]*1000 > float64(now)) {
		s.Override, s.Configured = o[0], o[0]
		if o[1] != 0 {
			s.Until = time.UnixMilli(int64(o[1]))
		}
	}
	s.Now = s.Configured
	if fell := numbers(fields["now"]); len(fell) == 2 {
		s.Now = inForce(s.Configured, fell[0]/1000, now-int64(fell[1]))
	}
	return s
}

// inForce is the rate in force so many microseconds after it fell to a rate: it
// recovers in even steps.
func inForce(configured, fell float64, since int64) float64 {
	back := configured * float64(max(0, since)) / float64(recovery.Microseconds())
	return min(configured, fell+back)
}

func numbers(text string) []float64 {
	var all []float64
	for _, word := range strings.Fields(text) {
		f, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return nil
		}
		all = append(all, f)
	}
	return all
}

// SetOverride sets an account's rate, in messages a second, for all workers and
// whatever their configurations say, until a moment of Redis's clock (zero: for
// good). They follow within a second. The caller has checked the rate. Class
// Unavailable when Redis does not answer; repeating it changes nothing.
func SetOverride(ctx context.Context, client redis.UniversalClient, account string, rate float64, until time.Time) error {
	end := int64(0)
	if !until.IsZero() {
		end = until.UnixMilli()
	}
	text := number(rate) + " " + strconv.FormatInt(end, 10)
	if err := client.HSet(ctx, keys.Pace(account), "override", text).Err(); err != nil {
		return unavailable("pace.set", err)
	}
	return nil
}

// ClearOverride lets the configurations hold again. Errors as SetOverride.
func ClearOverride(ctx context.Context, client redis.UniversalClient, account string) error {
	if err := client.HDel(ctx, keys.Pace(account), "override").Err(); err != nil {
		return unavailable("pace.set", err)
	}
	return nil
}
