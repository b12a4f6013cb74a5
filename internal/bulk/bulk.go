// Package bulk loads files of many messages: NDJSON or CSV, packed or not, in
// whatever encoding a spreadsheet saved them.
//
// Its promise: memory does not grow with the file; a row that cannot be taken
// stops no other and is written down with its line, the reason and itself, so
// that it can be mended and loaded again; a row has the same id whenever the file
// is loaded, so that a load that was cut off is simply started again. It leaves
// to others what a message must look like (internal/message), and how it is
// taken (internal/intake).
package bulk

import (
	"context"

	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

// MaxRow is the greatest size of a row in bytes, quoted line breaks included.
const MaxRow = message.MaxSize

// Row is one row of a file as it was read.
type Row struct {
	Line int    // the line that it starts in, from 1
	JSON []byte // the message or body that it says
	// Given is the row as it stands in the file: a CSV row's cells, or one cell
	// with an NDJSON row's text, cut when it is too long.
	Given []string
	Text  string // a CSV row that cannot be taken apart into cells, as it stands
	Err   error  // why it cannot be read; class invalid
}

// Taker takes messages in.
type Taker interface {
	// TakeMany answers each in order. Class Unavailable: that one is undecided,
	// take it again.
	TakeMany(ctx context.Context, messages []*message.Message) []intake.Outcome
}

// Batches is the registry of batches.
type Batches interface {
	// Open makes a batch of one kind known before its first message is
	// enqueued; opening it again changes nothing but what the options say. Class
	// Conflict: it takes no more messages; Unavailable: open it again.
	Open(ctx context.Context, account, name string, kind message.Kind, o intake.BatchOptions) error
	// Loaded says how many rows were read and refused so far, at least once a
	// minute until whole, which says that these are all.
	Loaded(ctx context.Context, account, name string, rows, refused int, whole bool) error
}
