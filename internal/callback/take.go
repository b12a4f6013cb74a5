package callback

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wxdispatch/internal/inbox"
	"wxdispatch/internal/wechat/push"
)

// success is what WeChat wants to hear.
const success = "success"

// take answers one push.
func (c *Callback) take(w http.ResponseWriter, r *http.Request) {
	name, a, ok := c.account(w, r)
	if !ok {
		return
	}
	body, err := readBody(w, r)
	if err != nil {
		c.refuse(w, name, err)
		return
	}
	query := r.URL.Query()
	opened, err := a.Reader.Open(query, body, c.o.Now())
	if err != nil {
		c.refuse(w, name, err)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	if opened.Ours() {
		c.keep(ctx, w, name, parcel(query, body, opened), opened.Push)
		return
	}
	c.o.Watch.Pushed(name, opened.Type)
	switch {
	case a.Forward == nil: // answered, so that WeChat does not come again
		answer(w, success)
	case opened.Bound || c.put(ctx, w, name, parcel(query, body, opened)):
		c.pass(w, r, name, a.Forward, body)
	}
}

// readBody reads no more than a push may have.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, push.MaxBody))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return nil, push.Big.Refuse("the body is over 64 KiB")
	case err != nil:
		return nil, push.Damaged.Refuse("the body did not come whole")
	}
	return body, nil
}

// parcel is a push on its way into the inbox, without its content. The time was
// read by Open already.
func parcel(query url.Values, body []byte, opened push.Opened) inbox.Parcel {
	seconds, _ := strconv.ParseInt(query.Get("timestamp"), 10, 64)
	digest := sha256.Sum256(body)
	return inbox.Parcel{
		Timestamp: time.Unix(seconds, 0), Nonce: clip(query.Get("nonce")),
		Digest: base64.RawStdEncoding.EncodeToString(digest[:12]), Bound: opened.Bound,
	}
}

// clip bounds what is remembered of a nonce; WeChat's have 10 digits.
func clip(text string) string { return text[:min(len(text), 64)] }

// keep puts a push of ours into the inbox and answers then.
func (c *Callback) keep(ctx context.Context, w http.ResponseWriter, account string, parcel inbox.Parcel, p push.Push) {
	var err error
	if parcel.Body, err = json.Marshal(p); err != nil { // never: it has texts and times only
		c.refuse(w, account, push.Damaged.Refuse("the push cannot be kept"))
		return
	}
	if c.put(ctx, w, account, parcel) {
		c.o.Watch.Pushed(account, p.Type)
		answer(w, success)
	}
}

// put answers itself where the push was not kept.
func (c *Callback) put(ctx context.Context, w http.ResponseWriter, account string, parcel inbox.Parcel) bool {
	fate, err := c.o.Inbox.Put(ctx, account, parcel)
	switch {
	case err != nil:
		c.o.Log.Warn("a push could not be kept; WeChat comes again", slog.String("account", account), slog.Any("error", err))
		http.Error(w, "Redis is away; come again", http.StatusServiceUnavailable)
	case fate == inbox.Replay:
		c.refuse(w, account, push.Replay.Refuse("its timestamp and nonce came before, with another body"))
	case fate == inbox.Full:
		c.o.Log.Error("pushes are not taken: too many wait already; does a worker run for this account?", slog.String("account", account))
		http.Error(w, "too many pushes wait; come again", http.StatusServiceUnavailable)
	default:
		return true
	}
	return false
}
