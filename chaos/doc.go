// Package chaos proves the promises "never lost", "never twice" and "never over"
// (its rate: pace_test.go, pushback_test.go; make pace) on the whole
// of it: real worker processes, a real Redis and a stand-in WeChat, while all
// of them are killed, stopped, cut off and made to answer badly. It has tests
// only.
//
//	go test ./chaos                     the short form: 2,000 messages, about a minute
//	go test ./chaos -run TestChaos$ -v -timeout 30m \
//	    -chaos.messages=20000 -chaos.for=4m -chaos.seed=7
//
// Its promise: what it says was delivered is the stand-in's own count, never
// what the ledger believes; each run prints its seed, and the same seed brings
// the same messages and the same schedule as far as timing allows; nothing that
// it started outlives it. It needs redis-server and listens on loopback only.
//
// It leaves to others: single faults and their interleavings, one test each, in
// the packages that deal with them.
package chaos
