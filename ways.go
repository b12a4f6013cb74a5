package wxdispatch

import (
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/desk"
	"wxdispatch/internal/remote"
)

// Way is how a client reaches wxdispatch: Redis or HTTP make one.
type Way struct{ open func() (*Client, error) }

// RedisOption changes what a client over Redis knows or does.
type RedisOption func(*desk.Options)

// HTTPOption changes how a client over HTTP calls.
type HTTPOption func(*remote.Options)

// week is the default of message.max_age and message.keep.
const week = 7 * 24 * time.Hour

// WithAccounts names accounts that count as known although no worker has
// announced them yet. Without it an app that starts before the first worker
// hears class NotFound.
func WithAccounts(accounts ...Account) RedisOption {
	return func(o *desk.Options) { o.Known = append(o.Known, accounts...) }
}

// WithTimes tells the client what the workers' configuration says of
// message.max_age and message.keep: so long do the mark of a Cancel and the end
// of a Resolve live. Without it each is a week, as by default there.
func WithTimes(maxAge, keep time.Duration) RedisOption {
	return func(o *desk.Options) { o.MaxAge, o.Keep = maxAge, keep }
}

// WithWaitReplicas makes Send answer only once so many replicas have the
// message, as redis.wait_replicas does for the commands: else a failover in the
// next moment may forget it. Without it, or where too few answer within a
// second (class Unavailable), the message is kept by the master alone.
func WithWaitReplicas(n int) RedisOption { return func(o *desk.Options) { o.Replicas = n } }

// WithName says who ends doubts through this client (Resolve), a word for the
// messages' history; without it that is app.
func WithName(who string) RedisOption { return func(o *desk.Options) { o.By = who } }

// Redis reaches the workers by the Redis that they share. It does not connect:
// the first call does, and the connection stays the caller's. A client with
// ContextTimeoutEnabled lets each call end with its context even when Redis
// hangs.
func Redis(client redis.UniversalClient, options ...RedisOption) Way {
	return Way{func() (*Client, error) {
		o := desk.Options{MaxAge: week, Keep: week, By: "app"}
		for _, set := range options {
			set(&o)
		}
		d := desk.New(client, o)
		return &Client{
			door: &d.Intake, lookup: d.Lookup, finder: d.Finder, ends: d.Book,
			canceller: d.Canceller, resolver: d.Resolver, replayer: d.Replayer,
			permits: d.Permits, wishes: d.Wishes, close: func() {},
		}, nil
	}}
}

// WithTimeout is how long a call over HTTP may take, and how long SendAll waits
// for the next answer; without it 10 seconds. A context may end it earlier.
func WithTimeout(d time.Duration) HTTPOption { return func(o *remote.Options) { o.Timeout = d } }

// WithHTTPClient has calls made by c, for a proxy or certificates of one's own.
// Redirects are not followed, whatever it says.
func WithHTTPClient(c *http.Client) HTTPOption { return func(o *remote.Options) { o.Client = c } }

// AllowPlainHTTP lets the key go over http:// to another machine, where
// everyone on the way can read it: for a network of one's own.
func AllowPlainHTTP() HTTPOption { return func(o *remote.Options) { o.PlainHTTP = true } }

// HTTP reaches wxdispatch by the API that enqueue serve answers at base, as
// https://wxdispatch.example.com, with one of its api.keys. Scope send is enough
// for Send, SendAll, Cancel, permits and suppressions, read for what looks up,
// admin for Replay and Resolve. It does not connect: the first call does.
func HTTP(base, key string, options ...HTTPOption) Way {
	return Way{func() (*Client, error) {
		var o remote.Options
		for _, set := range options {
			set(&o)
		}
		r, err := remote.New(base, key, o)
		if err != nil {
			return nil, err
		}
		return &Client{
			door: r, lookup: r, finder: r, ends: r, canceller: r, resolver: r, replayer: r,
			permits: remote.Permits{Remote: r}, wishes: remote.Wishes{Remote: r}, close: r.Close,
		}, nil
	}}
}
