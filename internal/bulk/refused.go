package bulk

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"wxdispatch/internal/fault"
)

// Refused writes down the rows that were not taken: as CSV with their line, the
// reason and their own cells, so that they can be mended there and loaded again.
// The file comes into being with the first one. It is not safe for concurrent
// use.
type Refused struct {
	Path   string
	Header []string // what the cells are called

	file *os.File
	csv  *csv.Writer
}

// Add writes one row down. An error is the disk's.
func (r *Refused) Add(row Row, reason error) error {
	if err := r.open(); err != nil {
		return err
	}
	cells := []string{strconv.Itoa(row.Line), Reason(reason)}
	if !slices.Contains(r.Header, wholeRow) {
		cells = append(cells, row.Text)
	}
	for i, cell := range row.Given {
		if i >= len(r.Header) || !ours(r.Header[i]) {
			cells = append(cells, cell)
		}
	}
	if err := r.csv.Write(cells); err != nil {
		return fmt.Errorf("bulk.refused: %w", err)
	}
	return nil
}

func (r *Refused) open() (err error) {
	if r.file != nil {
		return nil
	}
	if r.file, err = os.Create(r.Path); err != nil {
		return fmt.Errorf("bulk.refused: rows that are refused cannot be written down: %w", err)
	}
	// A spreadsheet takes UTF-8 for what it is only after a byte order mark.
	if _, err := r.file.WriteString("\ufeff"); err != nil {
		return fmt.Errorf("bulk.refused: %w", err)
	}
	r.csv = csv.NewWriter(r.file)
	header := []string{refusedLine, refusedReason}
	if !slices.Contains(r.Header, wholeRow) {
		header = append(header, refusedText)
	}
	for _, name := range r.Header {
		if !ours(name) {
			header = append(header, name)
		}
	}
	return r.csv.Write(header)
}

// ours tells whether a column is one that a file of refused rows adds.
func ours(name string) bool {
	return name == refusedLine || name == refusedReason || name == refusedText
}

// Close writes out what is left.
func (r *Refused) Close() error {
	if r.file == nil {
		return nil
	}
	r.csv.Flush()
	err := errors.Join(r.csv.Error(), r.file.Sync(), r.file.Close())
	r.file = nil
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return fmt.Errorf("bulk.refused: %w", disk)
	}
	return err
}

// Reason is an error in the words of a table's cell: what was found, with its
// path, and what is allowed.
func Reason(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	var words []string
	if f.Message != "" {
		words = append(words, f.Message)
	}
	for _, field := range f.Fields {
		words = append(words, field.String())
	}
	return strings.Join(words, "; ")
}
