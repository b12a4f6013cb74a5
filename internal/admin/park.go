package admin

import (
	"context"
	"time"
)

// park stops a kind of an account, or all.
func (h *Handler) park(ctx context.Context, f form, who string) (string, error) {
	account, kind, lasts := f.account(), f.kind(), f.span("for")
	reason := f.Text("reason")
	if err := f.err(); err != nil {
		return "", err
	}
	var until time.Time
	if lasts > 0 {
		until = time.Now().Add(lasts)
	}
	return "/#" + account, h.o.Operator.Park(ctx, account, kind, reason, who, until)
}

// unpark lets a kind of an account, or all, go on.
func (h *Handler) unpark(ctx context.Context, f form, who string) (string, error) {
	account, kind := f.account(), f.kind()
	if err := f.err(); err != nil {
		return "", err
	}
	return "/#" + account, h.o.Operator.Unpark(ctx, account, kind, who)
}
