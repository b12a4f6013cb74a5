package admin

import (
	"maps"
	"slices"

	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

// Account is one account as the overview shows it.
type Account struct {
	standing.Account
	Known   bool                  // how it stands could be looked at; else there are a name and a type only
	Failing map[message.Kind]bool // lanes of this worker that Redis does not answer

	Counted      bool // the two figures below are known
	InDoubt, Bad int  // messages in doubt; messages that ended badly, those included

	Batches []standing.Batch // the oldest first
}

// failing is the state of a lane that runs, but Redis does not answer it.
const failing = "failing"

// row is a kind of an account in its table.
type row struct {
	Kind  message.Kind
	Queue string // its name in asynq
	State string
	Known bool
	standing.Lane
}

// Rows are the account's kinds in their order.
func (a Account) Rows() (rows []row) {
	for _, kind := range a.Type.Kinds() {
		l, known := a.Kinds[kind]
		r := row{Kind: kind, Queue: a.Name + "." + string(kind), State: l.State, Known: known, Lane: l}
		if a.Failing[kind] {
			r.State = failing
		}
		rows = append(rows, r)
	}
	return rows
}

// Own tells whether the kind has a park of its own, beside those of all kinds.
func (r row) Own() bool {
	return slices.ContainsFunc(r.Parks(), func(p standing.Park) bool { return !p.AllKinds })
}

// Parks are all that stop the kind, first what lasts longest.
func (r row) Parks() []standing.Park {
	if r.Park == nil {
		return nil
	}
	return append([]standing.Park{*r.Park}, r.Others...)
}

// Parked tells whether a kind of the account is.
func (a Account) Parked() bool {
	return slices.ContainsFunc(a.Rows(), func(r row) bool { return r.Park != nil })
}

// Rate is the account's pace, which all kinds share.
func (a Account) Rate() standing.Rate {
	for _, l := range a.Kinds {
		return l.Rate
	}
	return standing.Rate{}
}

// Told are WeChat's words in receipts of the last hour, sorted.
func (a Account) Told() []string { return slices.Sorted(maps.Keys(a.Receipts.Statuses)) }

// mostBatches is how many batches the overview shows.
const mostBatches = 12

// Newest are the batches that the overview shows: first those that are not done.
func (a Account) Newest() (shown []standing.Batch) {
	for _, done := range []bool{false, true} {
		for _, b := range slices.Backward(a.Batches) {
			if b.Done() == done && len(shown) < mostBatches {
				shown = append(shown, b)
			}
		}
	}
	return shown
}
