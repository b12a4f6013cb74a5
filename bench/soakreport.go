package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// soakReport is what a soak showed.
type soakReport struct {
	When     time.Time          `json:"when"`
	Machine  machine            `json:"machine"`
	Settings soakSettings       `json:"settings"`
	Took     float64            `json:"took_s"`
	Rate     float64            `json:"messages_per_second"`
	Levels   []level            `json:"levels"`
	Cost     map[string]float64 `json:"cpu_s_per_1000"` // by process
	Busy     float64            `json:"processors_busy"`
	Commands map[string]float64 `json:"redis_commands_by_name"` // a message, those inside scripts included
	Usec     map[string]float64 `json:"redis_usec_by_name"`     // a message
	Counts   counts             `json:"counts"`
	Moments  []moment           `json:"moments"`
}

func newSoakReport(set soakSettings, seen []moment) *soakReport {
	last := seen[len(seen)-1]
	// The last look is after the last message was handed over.
	return &soakReport{When: time.Now().UTC(), Machine: here(), Settings: set, Took: last.Fed.Took,
		Rate: float64(last.Fed.Handed) / last.Fed.Took, Levels: levels(seen[:len(seen)-1]), Moments: seen, Cost: map[string]float64{}}
}

// last is how things stood once everything was handed over.
func (r *soakReport) last() moment { return r.Moments[len(r.Moments)-1] }

// cost works out what a thousand messages took of the processors.
func (r *soakReport) cost(before, after map[string]time.Duration) {
	for name, cpu := range after {
		used := (cpu - before[name]).Seconds()
		r.Busy += used / r.last().At
		r.Cost[name] = 1000 * used / float64(max(1, r.last().WeChat.Deliveries))
	}
}

// commands works out what Redis did for a message.
func (r *soakReport) commands(before, after book) {
	n := max(1, r.last().WeChat.Deliveries)
	for name := range after.calls {
		after.calls[name] -= before.calls[name]
		after.usec[name] -= before.usec[name]
	}
	r.Commands, r.Usec = per(after.calls, n), per(after.usec, n)
}

// verdict is an error that names all that was not as it must be.
func (r *soakReport) verdict() error {
	var found []error
	c := r.Counts
	for _, wrong := range []struct {
		n     int
		words string
	}{
		{c.Lost, "messages were lost"}, {c.Doubled, "messages were doubled"}, {c.Refused, "messages were refused at intake"},
		{c.InDoubt, "messages are in doubt, though WeChat answered all"}, {c.Pushed - c.Joined, "receipts found no message"},
		{c.ToTell - c.Told, "events were not told by webhook"},
	} {
		if wrong.n > 0 {
			found = append(found, fmt.Errorf("%d %s", wrong.n, wrong.words))
		}
	}
	for _, l := range r.Levels {
		if err := l.fault(); err != nil {
			found = append(found, err)
		}
	}
	return errors.Join(found...)
}

func (r *soakReport) write(stdout io.Writer, file string) error {
	if file == "" {
		r.tables(stdout)
		return nil
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if data = append(data, '\n'); file == "-" {
		_, err = stdout.Write(data)
		return err
	}
	r.tables(stdout)
	return os.WriteFile(file, data, 0o644)
}

func (r *soakReport) tables(out io.Writer) {
	fmt.Fprintf(out, "%s, %s/%s, %d processors, %.2g of them busy; %d accounts, message.keep %s\n",
		r.Machine.Go, r.Machine.OS, r.Machine.Arch, r.Machine.Processors, r.Busy, r.Settings.Accounts, r.Settings.keep())
	fmt.Fprintf(out, "%d messages handed over in %s: %.0f a second; wanted were %s\n", r.Counts.Handed,
		time.Duration(r.Took*float64(time.Second)).Round(time.Second), r.Rate, r.Settings.For)
	r.levels(out)
	r.counts(out)
}

func (r *soakReport) levels(out io.Writer) {
	t := newTable(out, table.Row{"", "unit", "¼", "½", "¾", "end", "most after ¼", "growth, %", ""}, 3, 4, 5, 6, 7, 8)
	for _, l := range r.Levels {
		t.AppendRow(table.Row{l.Name, l.Unit, figure(&l.Quarter), figure(&l.Half), figure(&l.Three), figure(&l.End), figure(&l.Greatest),
			fmt.Sprintf("%+.1f", l.Growth), l.Verdict})
	}
	t.Render()
}

func (r *soakReport) counts(out io.Writer) {
	c := r.Counts
	t := newTable(out, table.Row{"messages", ""}, 2)
	t.AppendRows([]table.Row{{"handed over", c.Handed}, {"sent, as the stand-in counted", c.Sent}, {"lost", c.Lost}, {"doubled", c.Doubled},
		{"in doubt", c.InDoubt}, {"receipts pushed", c.Pushed}, {"receipts joined to their messages", c.Joined}, {"events for the webhook", c.ToTell}, {"events told by webhook", c.Told}})
	t.Render()
	t = newTable(out, table.Row{"processor, s/1,000 messages", ""}, 2)
	total := 0.0
	for _, name := range []string{"worker", "serve", "redis", "standin", "producer"} {
		cost := r.Cost[name]
		t.AppendRow(table.Row{name, figure(&cost)})
		total += cost
	}
	t.AppendFooter(table.Row{"together", figure(&total)})
	t.Render()
}
