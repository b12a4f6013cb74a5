package events

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

// patience is how long a receiver may take to answer.
const patience = 10 * time.Second

// ended is the type of every post.
const ended = "messages.ended"

// Webhook posts an account's events to its app. It is safe for concurrent use.
type Webhook struct {
	url    string
	secret []byte
	stream *Stream
	client *http.Client
	now    func() time.Time
}

// NewWebhook makes one. A secret that begins with whsec_ is base64, as Standard
// Webhooks has it; any other is taken as it stands. The transport belongs to the
// caller; redirects are not followed.
func NewWebhook(url, secret string, stream *Stream, transport http.RoundTripper) *Webhook {
	key := []byte(secret)
	if text, prefixed := strings.CutPrefix(secret, "whsec_"); prefixed {
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
			key = decoded
		}
	}
	client := &http.Client{Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Webhook{url: url, secret: key, stream: stream, client: client, now: time.Now}
}

// Deliver posts what stands in a range; nil: the receiver took it, with any
// status from 200 to 299, or nothing of it is left. Class Unavailable: post it
// again later. The id of a post is the same each time, so that a receiver knows
// one that came twice.
func (h *Webhook) Deliver(ctx context.Context, r Range) error {
	entries, err := h.stream.Read(ctx, r)
	if err != nil || len(entries) == 0 {
		return err
	}
	now := h.now()
	body, err := json.Marshal(Post{Type: ended, Timestamp: entries[len(entries)-1].At, Data: Data{r.Account, entries}})
	if err != nil {
		return err
	}
	call, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return notTold("events.url is no URL")
	}
	call.Header.Set("Content-Type", "application/json")
	call.Header.Set("Webhook-Id", r.ID())
	call.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	call.Header.Set("Webhook-Signature", Sign(h.secret, r.ID(), now, body))
	answer, err := h.client.Do(call)
	if err != nil {
		return notTold("the receiver of events.url did not answer") // the cause names the URL, which may hold a key
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection is used again
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return notTold(fmt.Sprintf("the receiver of events.url answered with status %d; wanted is 200 to 299", answer.StatusCode))
	}
	return nil
}

// Sign is the signature of a post: v1 and the base64 of an HMAC-SHA256 over id,
// time and body, joined with dots.
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func notTold(words string) error {
	return &fault.Error{Op: "events.deliver", Class: fault.Unavailable, Message: words}
}
