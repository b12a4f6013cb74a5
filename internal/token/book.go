package token

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
)

const (
	// trip is the longest that one question to Redis may take.
	trip = 3 * time.Second
	// holdFor is how long a fetch's lock stands without a sign of life, so how
	// long a killed fetcher keeps the others waiting; holdEvery is how often it
	// gives one.
	holdFor   = 4 * time.Second
	holdEvery = time.Second
	// WeChat's rules for force_refresh of stable_token.
	forceGap  = 30 * time.Second
	forceMost = 20
)

// book is the account's token in Redis. Each method is one script, and safe to
// repeat; errors have class Unavailable.
type book struct {
	redis       redis.UniversalClient
	account     string
	appID       string
	credentials string
	mode        string
	host        string
}

func (b book) take(ctx context.Context, name, want, stale string) (state, error) {
	return b.run(ctx, takeScript, name, ms(holdFor), want, stale, b.appID, b.credentials, b.machine())
}

func (b book) hold(ctx context.Context, name string) (state, error) {
	return b.run(ctx, holdScript, name, ms(holdFor))
}

func (b book) store(ctx context.Context, f fetched) (state, error) {
	return b.run(ctx, storeScript, f.name, f.value, ms(f.life), strconv.FormatInt(f.started, 10), ms(f.ahead), b.mode, b.appID, f.stale)
}

// fail writes a failure down; own: it is this machine's alone.
func (b book) fail(ctx context.Context, name string, err *fault.Error, failures int, own bool) (state, error) {
	field := ""
	if own {
		field = b.machine()
	}
	return b.run(ctx, failScript, name, string(err.Class), strconv.Itoa(err.Code), err.Message, err.RID,
		ms(err.RetryAfter), b.credentials, b.appID, strconv.Itoa(failures), field)
}

func (b book) leave(ctx context.Context, name string) (state, error) {
	return b.run(ctx, leaveScript, name)
}

func (b book) force(ctx context.Context, name string) (state, error) {
	return b.run(ctx, forceScript, name, ms(forceGap), strconv.Itoa(forceMost))
}

func (b book) look(ctx context.Context) (state, error) { return b.run(ctx, lookScript) }

// machine is the field of the hash that holds this machine's own trouble.
func (b book) machine() string { return "h:" + b.host }

func (b book) run(ctx context.Context, s *redis.Script, args ...any) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, trip)
	defer cancel()
	answer, err := s.Run(ctx, b.redis, []string{keys.Token(b.account), keys.TokenLock(b.account)}, args...).Slice()
	if err != nil {
		return state{}, &fault.Error{Op: "token.book", Class: fault.Unavailable, RetryAfter: comeBack,
			Message: "Redis, which keeps the token, does not answer", Err: err}
	}
	got, ok := readState(answer)
	if !ok {
		return state{}, &fault.Error{Op: "token.book", Class: fault.Unavailable, RetryAfter: comeBack,
			Message: "what Redis keeps of the token cannot be read"}
	}
	return got, nil
}

// LogValue keeps tokens out of a log that a book falls into.
func (b book) LogValue() slog.Value { return slog.StringValue("[token book of " + b.account + "]") }

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// newName names one fetch: 72 random bits, never used again.
func newName() string {
	var raw [9]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// known returns err as a fault; one that is none has no class that anybody
// knows, and its words might hold anything.
func known(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return &fault.Error{Op: opFetch, Class: fault.Unavailable, Message: "the source of tokens failed", Err: err}
}
