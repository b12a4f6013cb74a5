package demo

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"wxdispatch"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
	"wxdispatch/internal/wechat/wechattest"
)

// outcome is all that the demo learnt of its messages.
type outcome struct {
	ends    map[message.Kind]map[message.State]int
	retries map[message.Kind]int
	codes   map[int]int // how often WeChat said so
	wrong   []string    // in words
}

// report prints what became of the messages: kind by final state with the
// retries, WeChat's codes in words, and what did not end as expected.
func report(ctx context.Context, client *wxdispatch.Client, parts []part, sim *wechattest.Sim, out io.Writer, took time.Duration) error {
	o, err := judge(ctx, client, parts, sim)
	if err != nil {
		return err
	}
	o.printEnds(out)
	o.printCodes(out)
	stats := sim.Stats()
	fmt.Fprintf(out, "\n%d messages in %s; %d calls; phones rang %d times, %d of them twice or more for one message.\n",
		len(parts), took.Round(10*time.Millisecond), stats.Calls, stats.Deliveries, stats.Doubled)
	if len(o.wrong) > 0 {
		for _, words := range o.wrong {
			fmt.Fprintln(out, "unexpected: "+words)
		}
		return fmt.Errorf("%w: %d of %d messages", ErrUnexpected, len(o.wrong), len(parts))
	}
	fmt.Fprintln(out, "Each message ended as expected.")
	return nil
}

func judge(ctx context.Context, client *wxdispatch.Client, parts []part, sim *wechattest.Sim) (*outcome, error) {
	rang, fates := sim.Delivered(), sim.Fates()
	o := &outcome{ends: map[message.Kind]map[message.State]int{}, retries: map[message.Kind]int{}, codes: map[int]int{}}
	for _, p := range parts {
		rec, err := client.Status(ctx, p.message.Account, p.message.ID)
		if err != nil {
			return nil, err
		}
		if o.ends[rec.Kind] == nil {
			o.ends[rec.Kind] = map[message.State]int{}
		}
		o.ends[rec.Kind][rec.State]++
		o.retries[rec.Kind] += max(0, rec.Attempts-1)
		for _, step := range rec.History {
			if step.ErrCode != 0 {
				o.codes[step.ErrCode]++
			}
		}
		if want := expected(p, rec, fates); rec.State != want {
			o.wrong = append(o.wrong, fmt.Sprintf("%s (%s: %s) is %s %s, not %s", p.message.ID, rec.Kind, p.scene.words, rec.State, rec.Reason, want))
		}
		if n := rang[p.key]; n != p.scene.rings {
			o.wrong = append(o.wrong, fmt.Sprintf("%s (%s: %s): the phone rang %d times, not %d", p.message.ID, rec.Kind, p.scene.words, n, p.scene.rings))
		}
	}
	return o, nil
}

func (o *outcome) printEnds(out io.Writer) {
	var states []message.State
	for _, s := range message.States() {
		for _, ends := range o.ends {
			if ends[s] > 0 {
				states = append(states, s)
				break
			}
		}
	}
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	head := table.Row{"kind"}
	for _, s := range states {
		head = append(head, string(s))
	}
	t.AppendHeader(append(head, "retries"))
	for _, kind := range message.Kinds() {
		row := table.Row{string(kind)}
		for _, s := range states {
			row = append(row, o.ends[kind][s])
		}
		t.AppendRow(append(row, o.retries[kind]))
	}
	t.Render()
}

func (o *outcome) printCodes(out io.Writer) {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"errcode", "times", "class", "meaning", "意思"})
	for _, code := range slices.Sorted(maps.Keys(o.codes)) {
		row := wechat.Lookup(code)
		t.AppendRow(table.Row{code, o.codes[code], row.Class, row.English, row.Chinese})
	}
	t.Render()
}
