package worker

import (
	"strings"
	"testing"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/sweep"
)

// Doubts that the account's in_doubt rule ended are in the account's log, with
// how many, how, and on which machine.
func TestTheLogTellsWhatTheRuleEnded(t *testing.T) {
	book := ledger.New(redistest.Mini(t))
	h := house{account: "shop", book: book, host: "worker-7"}
	h.Ended(t.Context(), 3, sweep.Drop)
	entries, err := book.Log(t.Context(), "shop")
	if err != nil || len(entries) != 1 {
		t.Fatalf("%+v, %v", entries, err)
	}
	e := entries[0]
	if e.What != "resolve" || e.Info.By != "rule" || e.Reason != "drop" || e.Info.Host != "worker-7" || !strings.Contains(e.Info.Words, "3 doubts") {
		t.Errorf("the log tells %+v", e)
	}
}
