package bulk

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

const (
	// pageRows is how many rows go in one trip; more gain nothing.
	pageRows = 500
	// pageBytes bounds a page of great rows.
	pageBytes = 4 << 20
	// ahead is how many pages are read and decoded before their turn.
	ahead = 4
	// patience is how long Redis may be away before a load gives up.
	patience = 30 * time.Second
	// tripTime is how long one page may take.
	tripTime = 30 * time.Second
	// noteEvery is how often the registry hears how far a load is.
	noteEvery = 20 * time.Second
)

// Load brings a file's rows into the queue.
type Load struct {
	Taker      Taker
	Batches    Batches // nil: nobody keeps a registry
	Completion message.Completion
	Options    intake.BatchOptions
	// Check is asked instead of Taker, and nothing is enqueued or registered.
	Check func(ctx context.Context, messages []*message.Message) []error
	// Told hears after each page how far the load is. It must not block.
	Told func(Progress)
	// Patience is how long Redis may be away; 0: 30 s.
	Patience time.Duration
}

// Progress is how far a load is.
type Progress struct {
	Rows       int // read and dealt with
	Taken      int // enqueued now; with Check: that would be
	Duplicates int // taken before, or twice in the file
	Refused    int
	Line       int   // of the last row that was dealt with
	Bytes      int64 // of the file that were read
}

// page is some rows on their way.
type page struct {
	rows     []Row
	messages []*message.Message // of each row; nil beside an error
	errs     []error
	ready    chan struct{} // closed once they are decoded
	err      error         // what ended the file, if not its end
	bytes    int64
}

// Run loads all rows. Rows that are refused are written down and counted. The
// error is one of the whole: class Unavailable when Redis was away for longer
// than Patience, ctx's own when it ended, the file's or the disk's. What was taken
// until then stays, and Run with the same file and batch goes on behind it.
func (l *Load) Run(ctx context.Context, reader *Reader, refused *Refused) (Progress, error) {
	reading, stop := context.WithCancel(ctx)
	pages := make(chan *page, ahead)
	var hands sync.WaitGroup
	defer hands.Wait()
	defer stop()
	raw := make(chan *page)
	hands.Go(func() { read(reading, reader, raw, pages) })
	for range runtime.GOMAXPROCS(0) {
		hands.Go(func() {
			for p := range raw {
				p.decode(l.Completion)
			}
		})
	}
	s := &sender{Load: l, refused: refused, opened: map[message.Lane]bool{}, lanes: map[owner]*Progress{}, noted: time.Now()}
	err := s.all(ctx, pages)
	return s.done, errors.Join(err, s.loaded(ctx, err == nil))
}

// read cuts a file into pages, which go to whoever decodes and, in order, to
// whoever sends.
func read(ctx context.Context, reader *Reader, raw, pages chan<- *page) {
	defer close(pages)
	defer close(raw)
	for {
		p := readPage(reader)
		if len(p.rows) > 0 {
			select {
			case raw <- p:
			case <-ctx.Done():
				return
			}
		} else {
			close(p.ready)
		}
		select {
		case pages <- p:
		case <-ctx.Done():
			return
		}
		if p.err != nil || len(p.rows) == 0 {
			return
		}
	}
}

func readPage(reader *Reader) *page {
	p := &page{ready: make(chan struct{})}
	size := 0
	for len(p.rows) < pageRows && size < pageBytes {
		row, err := reader.Next()
		if err != nil {
			if err != io.EOF {
				p.err = err
			}
			break
		}
		size += len(row.JSON)
		p.rows = append(p.rows, row)
	}
	p.bytes = reader.Read()
	return p
}

// decode reads a page's rows as messages, each with its id.
func (p *page) decode(completion message.Completion) {
	p.messages, p.errs = make([]*message.Message, len(p.rows)), make([]error, len(p.rows))
	for i, row := range p.rows {
		if p.errs[i] = row.Err; row.Err == nil {
			p.messages[i], p.errs[i] = decode(row.JSON, completion)
		}
	}
	close(p.ready)
}

func decode(text []byte, completion message.Completion) (*message.Message, error) {
	m, err := completion.Decode(text)
	if err != nil || m.ID != "" {
		return m, err
	}
	return m.WithID(rowID(completion.Batch, m.Digest))
}

// owner is whose batch a row is in.
type owner struct {
	account string
	batch   string
}

// sender takes pages in, one after another.
type sender struct {
	*Load
	refused *Refused
	opened  map[message.Lane]bool
	lanes   map[owner]*Progress
	done    Progress
	noted   time.Time // when the registry last heard
}

func (s *sender) all(ctx context.Context, pages <-chan *page) error {
	for {
		var p *page
		select {
		case p = <-pages:
		case <-ctx.Done():
			return ctx.Err()
		}
		if p == nil {
			return ctx.Err()
		}
		select {
		case <-p.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.page(ctx, p); err != nil {
			return err
		}
		if p.err != nil {
			return p.err
		}
	}
}

// page takes one page in. What is under way is ended though ctx ends.
func (s *sender) page(ctx context.Context, p *page) error {
	var send []int
	for i, m := range p.messages {
		if m != nil {
			send = append(send, i)
		}
	}
	duplicates, err := s.take(ctx, p, send)
	if err != nil {
		return err
	}
	for i, row := range p.rows {
		if err := s.count(row, p.messages[i], p.errs[i], duplicates[i]); err != nil {
			return err
		}
	}
	s.done.Bytes = p.bytes
	if time.Since(s.noted) > noteEvery {
		s.noted = time.Now()
		_ = s.loaded(ctx, false) // the next note, or the last, says more
	}
	if s.Told != nil {
		s.Told(s.done)
	}
	return nil
}

func (s *sender) count(row Row, m *message.Message, reason error, duplicate bool) error {
	s.done.Rows++
	s.done.Line = row.Line
	whose := owner{s.Completion.Account, s.Completion.Batch} // as far as is known of a row that cannot be read
	if m != nil {
		whose = owner{m.Account, m.Batch}
	}
	of := s.lanes[whose]
	if of == nil {
		of = &Progress{}
		s.lanes[whose] = of
	}
	of.Rows++
	switch {
	case reason != nil:
		s.done.Refused++
		of.Refused++
		return s.refused.Add(row, reason)
	case duplicate:
		s.done.Duplicates++
	default:
		s.done.Taken++
	}
	return nil
}

// take takes those of a page, and what is undecided again until Redis was away
// for too long.
func (s *sender) take(ctx context.Context, p *page, send []int) (duplicates []bool, err error) {
	duplicates = make([]bool, len(p.rows))
	if s.Check != nil {
		return duplicates, s.check(ctx, p, send)
	}
	since := time.Now()
	for wait := 50 * time.Millisecond; len(send) > 0; wait = min(2*wait, 2*time.Second) {
		left, away := s.trip(ctx, p, send, duplicates)
		if away != nil && !fault.Is(away, fault.Unavailable) {
			return duplicates, away
		}
		if len(left) == 0 {
			return duplicates, nil
		}
		if len(left) < len(send) {
			since = time.Now()
		}
		send = left
		if time.Since(since) > s.patience() {
			return duplicates, away
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return duplicates, ctx.Err()
		}
	}
	return duplicates, nil
}

func (s *sender) patience() time.Duration {
	if s.Patience > 0 {
		return s.Patience
	}
	return patience
}

// trip takes those of a page once, and returns those that are undecided and why.
// A batch that takes no more messages ends the load.
func (s *sender) trip(ctx context.Context, p *page, send []int, duplicates []bool) (left []int, away error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tripTime)
	defer cancel()
	messages, at := make([]*message.Message, 0, len(send)), make([]int, 0, len(send))
	for _, i := range send {
		switch err := s.open(ctx, p.messages[i].Lane()); {
		case fault.Is(err, fault.Unavailable):
			left, away = append(left, i), err
		case fault.Is(err, fault.NotFound):
			p.errs[i] = err
		case err != nil:
			return nil, err
		default:
			messages, at = append(messages, p.messages[i]), append(at, i)
		}
	}
	for k, o := range s.Taker.TakeMany(ctx, messages) {
		i := at[k]
		if fault.Is(o.Err, fault.Unavailable) {
			left, away = append(left, i), o.Err
			continue
		}
		p.errs[i], duplicates[i] = o.Err, o.Duplicate
	}
	return left, away
}

// open makes a batch known before its first message goes.
func (s *sender) open(ctx context.Context, lane message.Lane) error {
	if s.Batches == nil || lane.Batch == "" || s.opened[lane] {
		return nil
	}
	if err := s.Batches.Open(ctx, lane.Account, lane.Batch, lane.Kind, s.Options); err != nil {
		return err
	}
	s.opened[lane] = true
	return nil
}

func (s *sender) check(ctx context.Context, p *page, send []int) error {
	messages := make([]*message.Message, len(send))
	for k, i := range send {
		messages[k] = p.messages[i]
	}
	for k, err := range s.Check(ctx, messages) {
		if fault.Is(err, fault.Unavailable) {
			return err
		}
		p.errs[send[k]] = err
	}
	return ctx.Err()
}

// loaded tells the registry what came of the load.
func (s *sender) loaded(ctx context.Context, whole bool) error {
	if s.Batches == nil || s.Check != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tripTime)
	defer cancel()
	var failed error
	told := map[owner]bool{}
	for lane := range s.opened {
		o := owner{lane.Account, lane.Batch}
		if of := s.lanes[o]; of != nil && !told[o] {
			told[o] = true
			failed = errors.Join(failed, s.Batches.Loaded(ctx, o.account, o.batch, of.Rows, of.Refused, whole))
		}
	}
	return failed
}
