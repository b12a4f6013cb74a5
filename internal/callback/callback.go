// Package callback is WeChat's push address: GET and POST /wechat/{account}.
//
// Its promise: what is answered success is in the inbox, so that a killed
// program loses nothing; while Redis is away the answer is an error status, so
// that WeChat comes again. Nothing of a push is worked on before it is
// answered: a Drain does that, in a worker. What is refused is counted by its
// reason and logged without its content. What is not ours is passed on as it
// came, where the account says to whom, and counted by type.
//
// How a push is signed, sealed and read is internal/wechat/push's; what a
// receipt does to a message, the ledger's.
package callback

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"wxdispatch/internal/inbox"
	"wxdispatch/internal/wechat/push"
)

// patience is how long a push may wait for Redis: WeChat waits 5 s in all.
const patience = 3 * time.Second

// Inbox keeps pushes.
type Inbox interface {
	// Put keeps a push, or says why not; class Unavailable while Redis is away.
	Put(ctx context.Context, account string, p inbox.Parcel) (inbox.Fate, error)
}

// Watch counts.
type Watch interface {
	// Pushed is called for each push that WeChat signed, by its type.
	Pushed(account, kind string)
	// Refused is called for each that was not taken.
	Refused(account string, why push.Refusal)
}

// Account is one account's push address.
type Account struct {
	Reader  *push.Account // nil: it has no callback.token, so nothing is taken
	Forward *Forward      // who gets what is not ours; nil: nobody
}

// Options say whose pushes are taken, and what becomes of them.
type Options struct {
	Accounts map[string]Account
	Inbox    Inbox
	Watch    Watch
	Now      func() time.Time // nil: time.Now
	Log      *slog.Logger
}

// Callback is the push address of all accounts, an http.Handler. It is safe for
// concurrent use and starts no goroutine.
type Callback struct {
	o   Options
	mux *http.ServeMux
}

// New makes it.
func New(o Options) *Callback {
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Callback{o: o, mux: http.NewServeMux()}
	c.mux.HandleFunc("GET /wechat/{account}", c.check)
	c.mux.HandleFunc("POST /wechat/{account}", c.take)
	return c
}

// ServeHTTP serves the two calls; any other path is 404.
func (c *Callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.mux.ServeHTTP(w, r)
}

// account returns the account of a call, or answers 404.
func (c *Callback) account(w http.ResponseWriter, r *http.Request) (string, Account, bool) {
	name := r.PathValue("account")
	a, known := c.o.Accounts[name]
	if known && a.Reader != nil {
		return name, a, true
	}
	words := "there is no such account"
	if known {
		words = "this account has no callback.token; copy it from WeChat's console"
	}
	http.Error(w, words, http.StatusNotFound)
	return "", Account{}, false
}

// check answers WeChat's check of the address.
func (c *Callback) check(w http.ResponseWriter, r *http.Request) {
	name, a, ok := c.account(w, r)
	if !ok {
		return
	}
	echo, err := a.Reader.CheckURL(r.URL.Query())
	if err != nil {
		c.refuse(w, name, err)
		return
	}
	answer(w, echo)
}

func answer(w http.ResponseWriter, text string) {
	_, _ = w.Write([]byte(text)) // who went away comes again
}

// statuses of refusals. WeChat repeats what gets one of them, three times in
// all; what it signed and we cannot open must not look as if it was taken.
var statuses = map[push.Refusal]int{
	push.Forged: http.StatusForbidden, push.Stale: http.StatusForbidden, push.Replay: http.StatusForbidden,
	push.Sealed: http.StatusForbidden, push.Damaged: http.StatusBadRequest, push.Deep: http.StatusBadRequest,
	push.Big: http.StatusRequestEntityTooLarge,
}

// refuse answers why a push is not taken; its content is neither logged nor
// repeated.
func (c *Callback) refuse(w http.ResponseWriter, account string, err error) {
	why := push.RefusalOf(err)
	c.o.Watch.Refused(account, why)
	c.o.Log.Warn("a push was refused", slog.String("account", account), slog.String("why", string(why)), slog.Any("error", err))
	http.Error(w, err.Error(), statuses[why])
}
