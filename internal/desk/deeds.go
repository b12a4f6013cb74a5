package desk

import (
	"cmp"
	"context"

	"wxdispatch/internal/ledger"
)

// Deed is what a person did to an account, as its log tells it.
type Deed struct {
	What   string // a word: replay, resolve, batch_pause and so on
	Scope  string // which kind or template; "": all
	Reason string // how it was done, or to which selection; may be empty
	Who    string // the person, or the name of a key
	Words  string // to how much, or to whom
}

// Deeds are told to accounts' logs. The zero value is of no use; a desk has one.
type Deeds struct{ book *ledger.Ledger }

// Note tells an account's log what was done, also when whoever asked for it has
// gone. What cannot be noted was done all the same, and is no error.
func (d Deeds) Note(ctx context.Context, account string, deed Deed) {
	info := ledger.ParkInfo{By: "operator", Who: deed.Who, Words: deed.Words}
	_ = d.book.Note(context.WithoutCancel(ctx), account, deed.What, cmp.Or(deed.Scope, "*"), deed.Reason, info)
}
