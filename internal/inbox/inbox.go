// Package inbox keeps what WeChat pushed from the moment that it is answered
// until it was worked on.
//
// Its promise: what Put has kept is in Redis, and stays there until Done; pushes
// of one account that come while others are on their way go in one trip, and one
// account's pushes never hold up another's. A push that
// comes again is told from one that somebody sent anew with a signature that he
// saw. Who reads a page of it works on it at least once: several readers may
// get the same push. What is in a push is not looked at here.
package inbox

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/gather"
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
	// mostTogether is how many pushes one trip carries.
	mostTogether = 64
	// flightTime bounds such a trip.
	flightTime = 3 * time.Second
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
	coming     *gather.Gathering[arrival, Fate]
}

// arrival is a push on its way to Redis.
type arrival struct {
	account string
	parcel  Parcel
}

// New returns the inbox in the given Redis. With replicated, Put comes back
// only once a push is as safe as that says; nil: at once.
func New(client redis.UniversalClient, replicated Replicated) *Inbox {
	i := &Inbox{redis: client, put: redis.NewScript(put), replicated: replicated}
	i.coming = gather.New(mostTogether, i.fly)
	return i
}

// Put keeps a push, or says why not. Class Unavailable leaves it open whether
// it was kept; WeChat comes again then.
func (i *Inbox) Put(ctx context.Context, account string, p Parcel) (Fate, error) {
	fate, err := i.coming.Do(ctx, account, arrival{account, p})
	if err != nil {
		return "", away("inbox.put", err)
	}
	return fate, nil
}

// fly puts pushes of one account in one trip.
func (i *Inbox) fly(ctx context.Context, list []arrival) []gather.Answer[Fate] {
	ctx, cancel := context.WithTimeout(ctx, flightTime)
	defer cancel()
	fates, err := i.putAll(ctx, list)
	answers := make([]gather.Answer[Fate], len(list))
	for n := range answers {
		if answers[n].Err = err; err == nil {
			answers[n].Value = Fate(fates[n])
		}
	}
	return answers
}

func (i *Inbox) putAll(ctx context.Context, list []arrival) (fates []string, err error) {
	account := list[0].account
	names := make([]string, 1, 1+len(list))
	names[0] = keys.Pushes(account)
	args := make([]any, 2, 2+4*len(list))
	args[0], args[1] = remembered.Milliseconds(), most
	for _, a := range list {
		minute := strconv.FormatInt(a.parcel.Timestamp.Unix()/60, 10)
		names = append(names, keys.Seen(account, minute))
		args = append(args, a.parcel.Body, seenField(a.parcel), a.parcel.Digest, flag(a.parcel.Bound))
	}
	write := func(client redis.UniversalClient) (err error) {
		fates, err = i.put.Run(ctx, client, names, args...).StringSlice()
		if err == nil && len(fates) != len(list) {
			err = fmt.Errorf("%d answers to %d pushes", len(fates), len(list))
		}
		return err
	}
	if i.replicated == nil {
		err = write(i.redis)
	} else {
		err = i.replicated(ctx, names[0], write)
	}
	return fates, err
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
