// Package inbox keeps what WeChat pushed from the moment that it is answered
// until it was worked on.
//
// Its promise: what Put has kept is in Redis, and stays there until Done; Put
// costs one trip, and one account's pushes never hold up another's. A push that
// comes again is told from one that somebody sent anew with a signature that he
// saw. Who reads a page of it works on it at least once: several readers may
// get the same push. What is in a push is not looked at here.
package inbox

import (
	"context"
	_ "embed"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
)

const (
	// most is how many pushes of an account wait at most, some 200 MB: a day's
	// quota of receipts while no worker runs. More are not taken, so that WeChat
	// and not Redis holds them.
	most = 500_000
	// remembered is how long a signature is known: as long as its timestamp is
	// good, either way, and a minute more.
	remembered = 21 * time.Minute
)

//go:embed put.lua
var put string

// Fate is what Put did.
type Fate string

// The fates.
const (
	Kept   Fate = "kept"   // it is new
	Repeat Fate = "repeat" // it was kept before, as it stands: nothing is to be done
	Replay Fate = "replay" // its signature came before with another body
	Full   Fate = "full"   // too many wait already
)

// Parcel is one push on its way in.
type Parcel struct {
	Body []byte // what is kept; empty: only whether it was seen
	// What its signature was made at and with, and a digest of the body as it
	// came. An empty Nonce: nobody signed it, so it cannot be told from another.
	Timestamp time.Time
	Nonce     string
	Digest    string
	Bound     bool // the signature covers the body, so another body is no replay
}

// Item is a push that waits.
type Item struct {
	ID   string // of Done
	Body []byte
	Came time.Time // when it was put there, on Redis's clock
}

// Replicated carries out a write to a key's node and comes back only once
// enough replicas have it; class Unavailable if not.
type Replicated func(ctx context.Context, key string, write func(redis.UniversalClient) error) error

// Inbox is that of all accounts of one Redis. It is safe for concurrent use and
// holds nothing but the connection, which belongs to the caller.
type Inbox struct {
	redis      redis.UniversalClient
	put        *redis.Script
	replicated Replicated
}

// New returns the inbox in the given Redis. With replicated, Put comes back
// only once a push is as safe as that says; nil: at once.
func New(client redis.UniversalClient, replicated Replicated) *Inbox {
	return &Inbox{redis: client, put: redis.NewScript(put), replicated: replicated}
}

// Put keeps a push, or says why not. Class Unavailable leaves it open whether
// it was kept; WeChat comes again then.
func (i *Inbox) Put(ctx context.Context, account string, p Parcel) (Fate, error) {
	minute := strconv.FormatInt(p.Timestamp.Unix()/60, 10)
	names := []string{keys.Pushes(account), keys.Seen(account, minute)}
	var fate string
	write := func(client redis.UniversalClient) (err error) {
		fate, err = i.put.Run(ctx, client, names, p.Body, seenField(p), p.Digest, flag(p.Bound), remembered.Milliseconds(), most).Text()
		return err
	}
	var err error
	if i.replicated == nil {
		err = write(i.redis)
	} else {
		err = i.replicated(ctx, names[0], write)
	}
	if err != nil {
		return "", away("inbox.put", err)
	}
	return Fate(fate), nil
}

// seenField names a signature within its minute.
func seenField(p Parcel) string {
	if p.Nonce == "" {
		return ""
	}
	return strconv.FormatInt(p.Timestamp.Unix()%60, 10) + " " + p.Nonce
}

// Take returns up to n pushes that wait, the oldest first. They wait on until
// Done.
func (i *Inbox) Take(ctx context.Context, account string, n int64) ([]Item, error) {
	rows, err := i.redis.XRangeN(ctx, keys.Pushes(account), "-", "+", n).Result()
	if err != nil {
		return nil, away("inbox.take", err)
	}
	items := make([]Item, len(rows))
	for k, row := range rows {
		body, _ := row.Values["p"].(string)
		items[k] = Item{ID: row.ID, Body: []byte(body), Came: cameOf(row.ID)}
	}
	return items, nil
}

// cameOf reads the time off a stream's entry, whose id begins with it.
func cameOf(id string) time.Time {
	text, _, _ := strings.Cut(id, "-")
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// Done lets go of pushes that were worked on.
func (i *Inbox) Done(ctx context.Context, account string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if err := i.redis.XDel(ctx, keys.Pushes(account), ids...).Err(); err != nil {
		return away("inbox.done", err)
	}
	return nil
}

// Waiting tells how many pushes of an account wait.
func (i *Inbox) Waiting(ctx context.Context, account string) (int, error) {
	n, err := i.redis.XLen(ctx, keys.Pushes(account)).Result()
	if err != nil {
		return 0, away("inbox.waiting", err)
	}
	return int(n), nil
}

func away(op string, err error) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
