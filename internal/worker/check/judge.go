package check

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What a Redis must be, and may be.
const (
	oldestVersion = "6.2"
	clockMargin   = 5 * time.Second
)

const notChecked = "not checked: this Redis does not tell "

func (f facts) latency() Result {
	return Result{Name: "redis answers", Level: OK, Words: "in " + f.took.Round(10*time.Microsecond).String()}
}

func (f facts) newEnough() Result {
	r := Result{Name: "redis version", Level: OK, Words: f.version}
	switch newer, known := atLeast(f.version, oldestVersion); {
	case !known:
		r.Level, r.Words = Warn, notChecked+"its version"
		r.Do = "make sure that it is " + oldestVersion + " or newer"
	case !newer:
		r.Level = Fail
		r.Do = "upgrade Redis to " + oldestVersion + " or newer"
	}
	return r
}

// eviction: a Redis that throws keys away loses leases, and leaves messages
// stuck in active.
func (f facts) eviction() Result {
	r := Result{Name: "redis eviction", Level: OK, Words: "maxmemory-policy is " + f.policy}
	switch f.policy {
	case "noeviction":
	case "":
		r.Level, r.Words = Warn, notChecked+"its maxmemory-policy"
		r.Do = "make sure that it is noeviction"
	default:
		r.Level = Fail
		r.Words += ": when memory is short, messages are thrown away or get stuck"
		r.Do = "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf"
	}
	return r
}

// durability: the promises never lost and never twice hold as far as Redis
// keeps what it acknowledged.
func (f facts) durability(waitReplicas int) Result {
	r := Result{Name: "redis durability", Level: Warn, Do: "set appendonly yes and appendfsync always, or redis.wait_replicas behind a failover"}
	switch {
	case waitReplicas > 0 && f.fewer(waitReplicas):
		r.Level, r.Words = Fail, fmt.Sprintf("each send waits until %d replicas know of it, and %s are connected: nothing would be sent", waitReplicas, f.replicas)
		r.Do = "start the replicas, or set redis.wait_replicas to how many there are"
	case waitReplicas > 0:
		r.Level, r.Words, r.Do = OK, fmt.Sprintf("each send waits until %d replicas know of it", waitReplicas), ""
	case f.aof == "":
		r.Words, r.Do = notChecked+"whether appendonly is on", "make sure that appendonly is yes and appendfsync always"
	case f.aof != "1":
		r.Words = "appendonly is off: losing Redis may repeat or drop all messages since its last snapshot"
	case f.fsync == "always":
		r.Level, r.Words, r.Do = OK, "appendonly is on, appendfsync always", ""
	case f.fsync == "no":
		r.Words = "appendfsync is no: losing Redis may repeat or drop what the system had not written yet, often 30 seconds"
	case f.fsync == "":
		r.Words, r.Do = "appendonly is on; "+notChecked+"appendfsync", "make sure that it is always"
	default:
		r.Words = "appendfsync is " + f.fsync + ": losing Redis may repeat or drop the last second"
	}
	return r
}

func (f facts) clock() Result {
	r := Result{Name: "redis clock", Level: OK, Words: "agrees with this machine's"}
	if f.ahead.Abs() <= clockMargin {
		return r
	}
	side := "ahead of"
	if f.ahead < 0 {
		side = "behind"
	}
	r.Level = Warn
	r.Words = fmt.Sprintf("%s %s this machine's: messages are due, and expire, by two clocks", f.ahead.Abs().Round(time.Second), side)
	r.Do = "let both machines keep time by NTP"
	return r
}

// atLeast compares versions like 7.0.15 by their first two numbers; known is
// false when version is none.
func atLeast(version, least string) (newer, known bool) {
	major, minor, known := majorMinor(version)
	wantMajor, wantMinor, _ := majorMinor(least)
	return known && (major > wantMajor || major == wantMajor && minor >= wantMinor), known
}

func majorMinor(version string) (major, minor int, ok bool) {
	first, rest, _ := strings.Cut(version, ".")
	second, _, _ := strings.Cut(rest, ".")
	major, err := strconv.Atoi(first)
	if err != nil {
		return 0, 0, false
	}
	if second != "" {
		if minor, err = strconv.Atoi(second); err != nil {
			return 0, 0, false
		}
	}
	return major, minor, major >= 0 && minor >= 0
}
