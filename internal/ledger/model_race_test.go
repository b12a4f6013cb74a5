//go:build race

package ledger_test

// slower is by how much fewer games are played under the race detector.
const slower = 4
