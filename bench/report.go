package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// report gathers rows and, for those who look closer, every round.
type report struct {
	When     time.Time        `json:"when"`
	Machine  machine          `json:"machine"`
	Settings settings         `json:"settings"`
	Rows     []row            `json:"rows"`
	Rounds   map[string][]any `json:"rounds"` // by what was run, in order
}

type machine struct {
	Go         string `json:"go"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	Processors int    `json:"processors"`
}

func newReport(set settings) *report {
	return &report{When: time.Now().UTC(), Settings: set, Rounds: map[string][]any{}, Machine: here()}
}

func here() machine {
	return machine{runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU()}
}

func (r *report) add(rows ...row) { r.Rows = append(r.Rows, rows...) }

func (r *report) round(what string, found any) { r.Rounds[what] = append(r.Rounds[what], found) }

func (r *report) missed() bool {
	for _, row := range r.Rows {
		if row.Verdict == missed {
			return true
		}
	}
	return false
}

// write prints the table, and the JSON to where it was asked for.
func (r *report) write(stdout io.Writer) error {
	if r.Settings.JSON == "" {
		r.table(stdout)
		return nil
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if data = append(data, '\n'); r.Settings.JSON == "-" {
		_, err = stdout.Write(data)
		return err
	}
	r.table(stdout)
	return os.WriteFile(r.Settings.JSON, data, 0o644)
}

func (r *report) table(out io.Writer) {
	s := r.Settings
	fmt.Fprintf(out, "%s, %s/%s, %d processors; Redis %s; %d rounds, %d messages, concurrency %d, %d account(s)\n",
		r.Machine.Go, r.Machine.OS, r.Machine.Arch, r.Machine.Processors, away(s.Latency), s.Rounds, s.Messages, s.Concurrency, s.Accounts)
	t := newTable(out, table.Row{"", "unit", "bare", "wxdispatch", "ratio", "goal", "", "note"}, 3, 4, 5)
	for _, row := range r.Rows {
		t.AppendRow(table.Row{row.Name, row.Unit, figure(row.Bare), figure(row.Ours), figure(row.Ratio), row.Goal, row.Verdict, row.Note})
	}
	t.Render()
}

// newTable is a table whose columns of those numbers hold figures.
func newTable(out io.Writer, header table.Row, numbers ...int) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(header)
	var columns []table.ColumnConfig
	for _, n := range numbers {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignFooter: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	return t
}

func away(latency time.Duration) string {
	if latency == 0 {
		return "beside the workers"
	}
	return latency.String() + " away"
}

// figure writes three digits that count, and whole numbers from 100 in full.
func figure(v *float64) string {
	switch {
	case v == nil:
		return ""
	case *v >= 100 || *v <= -100:
		return strconv.FormatFloat(*v, 'f', 0, 64)
	}
	return strconv.FormatFloat(*v, 'g', 3, 64)
}
