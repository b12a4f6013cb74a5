package token

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
)

// Standing is how an account's token stands, as people may see it: never the
// token itself. Times count from now, by Redis's clock.
type Standing struct {
	Present    bool          // there is a token, and it has not ended
	Mode       string        // stable, classic, external; "" when none was ever fetched
	Age        time.Duration // since it was fetched
	ExpiresIn  time.Duration
	RenewsIn   time.Duration // until a new one is fetched ahead; 0: now
	Generation int64         // how many tokens there have been
	Fetching   bool          // somebody fetches
	Forced     int           // forced refreshes on the day (UTC+8) of the last one; WeChat allows 20
	Trouble    *Trouble      // why the last fetch failed; nil: it did not
	Resting    int           // machines whose own address was refused, and that wait
}

// nextTry is when somebody may try again: the first of the machines that have
// trouble of their own, where all may.
func (s state) nextTry(all time.Duration) time.Duration {
	next := time.Duration(0)
	for field := range s.fields {
		if !strings.HasPrefix(field, "h:") {
			continue
		}
		if left, _ := s.resting(field, s.fields["k"]); left > 0 && (next == 0 || left < next) {
			next = left
		}
	}
	return max(all, next)
}

// Trouble is a fetch that failed.
type Trouble struct {
	fault.Error // class, errcode, words, rid; RetryAfter: until the next try
	Ago         time.Duration
	Failures    int // in a row
}

// Read tells how the account's token stands, from Redis alone: no secret is
// needed, and nothing changes. The zero Standing: nobody ever asked for a token.
// Class Unavailable when Redis does not answer.
func Read(ctx context.Context, client redis.UniversalClient, account string) (Standing, error) {
	b := book{redis: client, account: account}
	s, err := b.look(ctx)
	if err != nil {
		return Standing{}, err
	}
	return s.standing(), nil
}

// TryNow has a source that is left alone after a failure tried at once, by
// whoever asks next: a person mended something. Class Unavailable when Redis
// does not answer.
func TryNow(ctx context.Context, client redis.UniversalClient, account string) error {
	_, err := book{redis: client, account: account}.run(ctx, againScript)
	return err
}

func (s state) standing() Standing {
	st := Standing{Mode: s.fields["m"], Generation: whole(s.fields["i"]), Forced: int(whole(s.fields["q"])), Fetching: s.number > 0}
	if left := s.left(); left > 0 {
		st.Present, st.Age, st.ExpiresIn, st.RenewsIn = true, -s.until("g"), left, max(0, s.until("n"))
	}
	for field := range s.fields {
		if left, _ := s.resting(field, s.fields["k"]); strings.HasPrefix(field, "h:") && left > 0 {
			st.Resting++
		}
	}
	if err := s.trouble(); err != nil {
		err.RetryAfter = s.nextTry(err.RetryAfter)
		st.Trouble = &Trouble{Error: *err, Ago: -s.until("b"), Failures: int(whole(s.fields["f"]))}
	}
	return st
}
