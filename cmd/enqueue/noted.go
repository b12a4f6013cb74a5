package main

import (
	"context"
	"fmt"

	producer "wxdispatch/internal/desk"
)

// noted tells the account's log what was done here and by whom: what was done
// (a word), to which kind or template (* for all), and to how much or whom. What
// cannot be noted was done all the same.
func (p *program) noted(ctx context.Context, d *desk, account, what, scope, words string) {
	d.office.Deeds.Note(ctx, account, producer.Deed{What: what, Scope: scope, Who: p.who(), Words: words})
}

// notedCount is noted of something that was done n times; not at all, when it
// never was.
func (p *program) notedCount(ctx context.Context, d *desk, account, what string, n int) {
	if n > 0 {
		p.noted(ctx, d, account, what, "*", fmt.Sprintf("%d messages", n))
	}
}

// shortened is an openid for the log: enough to tell users apart, too little to
// write to one.
func shortened(openid string) string {
	const shown = 6
	if len(openid) <= shown {
		return openid
	}
	return openid[:shown] + "…"
}

// orAll is a template, or * for all of them.
func orAll(template string) string {
	if template == "" {
		return "*"
	}
	return template
}
