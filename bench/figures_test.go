package main

import (
	"testing"
	"time"
)

func TestMedianAndPercentile(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5}} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median of %v is %v, want %v", tt.values, got, tt.want)
		}
	}
	var times []time.Duration
	for i := range 200 {
		times = append(times, time.Duration(200-i))
	}
	for p, want := range map[int]time.Duration{50: 100, 99: 198, 100: 200} {
		if got := percentile(times, p); got != want {
			t.Errorf("percentile %d is %d, want %d", p, got, want)
		}
	}
	if got := percentile(times[:1], 99); got != 200 {
		t.Errorf("of one time: %d", got)
	}
}

func TestWhatTheKernelSays(t *testing.T) {
	stat := "4242 (a (strange) name) S 1 4242 4242 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 9 0 1 2 3"
	if got, err := cpuOf([]byte(stat)); err != nil || got != 2*time.Second {
		t.Errorf("%v, %v; want 2 s", got, err)
	}
	if got, err := peakOf("Name:\tx\nVmPeak:\t 900 kB\nVmHWM:\t   61440 kB\n"); err != nil || got != 60<<20 {
		t.Errorf("%d, %v; want 60 MiB", got, err)
	}
	for _, bad := range []string{"", "1 (x) S 1", "1 (x) S 1 2 3 4 5 6 7 8 9 10 a b 13"} {
		if _, err := cpuOf([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	if _, err := peakOf("Name:\tx\n"); err == nil {
		t.Error("a status without VmHWM was read")
	}
}

func TestGoals(t *testing.T) {
	r := newReport(quick())
	r.add(versus("a", "", "", 100, 99).with(atLeast("ratio", 0.99, 0.8)), alone("b", "", "", 60).with(atMost("wxdispatch", 60, 60)))
	if r.missed() {
		t.Errorf("no goal was missed: %+v", r.Rows)
	}
	r.add(alone("c", "", "", 61).with(atMost("wxdispatch", 61, 60)))
	if !r.missed() {
		t.Errorf("a goal was missed: %+v", r.Rows)
	}
	if ratio := versus("d", "", "", 0, 1).Ratio; ratio != nil {
		t.Errorf("a ratio to nothing: %v", *ratio)
	}
}

func TestFigures(t *testing.T) {
	for want, v := range map[string]float64{"1234": 1234.4, "99.5": 99.46, "0.0123": 0.01234, "0": 0} {
		if got := figure(&v); got != want {
			t.Errorf("%v is shown as %s, want %s", v, got, want)
		}
	}
	if got := figure(nil); got != "" {
		t.Errorf("nothing is shown as %q", got)
	}
}
