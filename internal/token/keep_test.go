package token

import (
	"context"
	"testing"
	"time"

	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
)

// bearer is a source that always brings the same token.
type bearer string

func (b bearer) Fetch(context.Context, string, bool) (string, time.Duration, error) {
	return string(b), time.Hour, nil
}

// News may be lost, or not allowed: a copy is read again all the same.
func TestACopyIsReadAgainWithoutNews(t *testing.T) {
	client := redistest.Mini(t)
	c := New(client, bearer("OLD"), Options{Account: "shop", AppID: "wx1"})
	defer c.Close()
	c.reread = 20 * time.Millisecond
	if _, err := c.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Start()
	client.HSet(t.Context(), keys.Token("shop"), "v", "NEW") // and tells nobody
	for until := time.Now().Add(20 * time.Second); ; {
		if got, err := c.Token(t.Context()); err == nil && got == "NEW" {
			return
		}
		if time.Now().After(until) {
			t.Fatal("the copy is as old as ever")
		}
	}
}
