package message

// Lane names what waits in one queue and is drained together: the single
// messages of one kind of one account, or those of one of its batches.
type Lane struct {
	Account string
	Kind    Kind
	Batch   string // empty: single messages
}

// Lane is where the message waits.
func (m *Message) Lane() Lane { return Lane{m.Account, m.Kind, m.Batch} }

// Lane is where the record's message waits, if it does.
func (r *Record) Lane() Lane { return Lane{r.Account, r.Kind, r.Batch} }
