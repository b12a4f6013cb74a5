package main

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// Redis's slow log tells scripts apart, which its other counts do not. Commands
// inside scripts seldom take so long, and it keeps so many.
const (
	slow = "10" // microseconds
	kept = "1000000"
)

// script is what Redis spent on one.
type script struct {
	Hash  string  `json:"hash"` // its start
	Key   string  `json:"key"`  // the first key of one of its runs, which tells whose it is
	Calls float64 `json:"calls"`
	Usec  float64 `json:"usec"` // both a message
}

// watch has Redis write its scripts down, where a profile was asked for.
func (d drain) watch(s *stand) error {
	if d.profile == "" {
		return nil
	}
	return errors.Join(
		s.client.ConfigSet(s.ctx, "slowlog-max-len", kept).Err(),
		s.client.ConfigSet(s.ctx, "slowlog-log-slower-than", slow).Err(),
		s.client.Do(s.ctx, "slowlog", "reset").Err())
}

// scripts reads that, costliest first.
func (d drain) scripts(s *stand) ([]script, error) {
	if d.profile == "" {
		return nil, nil
	}
	log, err := s.client.SlowLogGet(s.ctx, -1).Result()
	if err != nil {
		return nil, err
	}
	if err := s.client.Do(s.ctx, "slowlog", "reset").Err(); err != nil { // its memory is no message's
		return nil, err
	}
	found := map[string]script{}
	for _, line := range log {
		if len(line.Args) < 4 || line.Args[0] != "evalsha" {
			continue
		}
		one := found[line.Args[1]]
		one.Hash, one.Key = line.Args[1][:8], line.Args[3]
		one.Calls += 1 / float64(d.load.n)
		one.Usec += float64(line.Duration.Microseconds()) / float64(d.load.n)
		found[line.Args[1]] = one
	}
	return slices.SortedFunc(maps.Values(found), func(a, b script) int { return cmp.Compare(b.Usec, a.Usec) }), nil
}
