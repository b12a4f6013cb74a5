package check

import (
	"fmt"
	"strconv"

	"wxdispatch/internal/config"
)

// role tells whether the server takes writes, and is spoken to as what it is.
func (f facts) role(mode string) Result {
	r := Result{Name: "redis role", Level: OK, Words: "takes writes"}
	switch {
	case f.part == "" && f.cluster == "":
		r.Level, r.Words, r.Do = Warn, notChecked+"its role", "make sure that it is a master"
	case f.part == "slave":
		r.Level, r.Words = Fail, "it is a replica and takes no writes"
		r.Do = "write the master's address into redis.addrs, or set redis.mode: sentinel with the sentinels' addresses"
	case f.cluster == "1" && mode != config.Cluster:
		r.Level, r.Words = Fail, "it is one node of a cluster, and redis.mode is "+mode
		r.Do = "set redis.mode: cluster"
	}
	return r
}

// nearlyFull is the share of maxmemory from which on an operator is told.
const nearlyFull = 0.9

// memory: a Redis that is full and evicts nothing takes no message.
func (f facts) memory() Result {
	r := Result{Name: "redis memory", Level: OK, Words: "no limit is set"}
	used, usedErr := strconv.ParseInt(f.used, 10, 64)
	most, mostErr := strconv.ParseInt(f.most, 10, 64)
	switch {
	case usedErr != nil || mostErr != nil:
		r.Level, r.Words, r.Do = Warn, notChecked+"its memory", "make sure that maxmemory leaves room for the backlog"
	case most == 0:
	case float64(used) >= nearlyFull*float64(most):
		r.Level = Warn
		r.Words = fmt.Sprintf("%s of %s are used: when it is full, no message is taken", mebibytes(used), mebibytes(most))
		r.Do = "raise maxmemory, or keep records for a shorter time (message.keep)"
	default:
		r.Words = mebibytes(used) + " of " + mebibytes(most) + " are used"
	}
	return r
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// fewer tells whether surely fewer replicas are connected than n.
func (f facts) fewer(n int) bool {
	connected, err := strconv.Atoi(f.replicas)
	return err == nil && connected < n
}
