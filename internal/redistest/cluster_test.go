package redistest_test

import (
	"fmt"
	"testing"

	"wxdispatch/internal/redistest"
)

func TestAClusterMigratesAndFailsOver(t *testing.T) {
	ring := redistest.Cluster(t)
	client := ring.Client(t)
	const n = 20
	for i := range n {
		if err := client.Set(t.Context(), fmt.Sprintf("{a}:%d", i), i, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	whole := func(when string) {
		t.Helper()
		for i := range n {
			if got := client.Get(t.Context(), fmt.Sprintf("{a}:%d", i)).Val(); got != fmt.Sprint(i) {
				t.Fatalf("%s: key %d holds %q", when, i, got)
			}
		}
	}
	from := ring.Holder(t, "{a}")
	to := (from + 1) % 3
	ring.Migrate(t, "{a}", to, func() { whole("half moved") })
	whole("moved")
	if got := ring.Holder(t, "{a}"); got != to {
		t.Fatalf("the slot is with master %d, want %d", got, to)
	}
}
