package ledger

import (
	"time"

	"wxdispatch/internal/message"
)

// Filter picks records. The zero value picks all.
type Filter struct {
	State    message.State
	Kind     message.Kind
	ErrCode  *int
	Template string
	Batch    string
	Since    time.Time // ended or changed no earlier
	Until    time.Time // and no later; zero: no limit
}

// Picks tells whether a record is meant.
func (f Filter) Picks(r *message.Record) bool {
	switch {
	case f.State != "" && r.State != f.State,
		f.Kind != "" && r.Kind != f.Kind,
		f.ErrCode != nil && r.ErrCode != *f.ErrCode,
		f.Template != "" && r.TemplateID != f.Template,
		f.Batch != "" && r.Batch != f.Batch,
		r.UpdatedAt.Before(f.Since),
		!f.Until.IsZero() && r.UpdatedAt.After(f.Until):
		return false
	}
	return true
}
