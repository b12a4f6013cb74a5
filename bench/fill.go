package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"wxdispatch/internal/message"
)

// producers is how many calls of one producer are under way at once.
const producers = 32

// Rows of many messages go to wxdispatch in pages, as enqueue bulk brings them.
const (
	pageRows    = 500
	pagesAtOnce = 4
)

// fill puts the load into a side's queues and tells how many rows a second that
// were: in pages for wxdispatch, one by one for asynq, which knows no other way.
// Permits are there before.
func (s *stand) fill(who side) (float64, error) {
	if err := s.grant(who); err != nil {
		return 0, err
	}
	begun := time.Now()
	var err error
	if who == ourSide {
		err = each(pagesAtOnce, 0, (s.load.n+pageRows-1)/pageRows, s.page)
	} else {
		err = each(producers, 0, s.load.n, s.putter(who))
	}
	if err != nil {
		return 0, fmt.Errorf("fill: %w", err)
	}
	return float64(s.load.n) / time.Since(begun).Seconds(), nil
}

// page reads, checks and hands over one page of rows.
func (s *stand) page(n int) error {
	var rows []*message.Message
	for i := n * pageRows; i < min(s.load.n, (n+1)*pageRows); i++ {
		m, err := message.Decode(s.load.row(i))
		if err != nil {
			return err
		}
		rows = append(rows, m)
	}
	for _, outcome := range s.desk.Intake.TakeMany(s.ctx, rows) {
		if outcome.Err != nil {
			return outcome.Err
		}
	}
	return nil
}

// grant adds the permits that the load needs to the pools.
func (s *stand) grant(who side) error {
	if who == bareSide || s.load.kind != message.WXOpen {
		return nil
	}
	for i, a := range s.load.all() {
		results, err := s.desk.Permits.AddMany(s.ctx, a.Name, s.load.grants(i, time.Now()))
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Err != nil {
				return r.Err
			}
		}
	}
	return nil
}

// putter returns what hands message i over, as a producer of that side does:
// wxdispatch reads and checks the row, asynq takes bytes as they are.
func (s *stand) putter(who side) func(i int) error {
	if who == bareSide {
		client := asynq.NewClientFromRedisClient(s.client)
		return func(i int) error {
			payload, err := s.load.task(i)
			if err == nil {
				_, err = client.EnqueueContext(s.ctx, asynq.NewTask("send", payload), asynq.Queue(bareQueue))
			}
			return err
		}
	}
	return func(i int) error {
		m, err := message.Decode(s.load.row(i))
		if err == nil {
			_, err = s.desk.Intake.Take(s.ctx, m)
		}
		return err
	}
}

// each does something for the numbers from first to below end, so many at once;
// an error ends it.
func each(atOnce, first, end int, do func(i int) error) error {
	var group errgroup.Group
	var next atomic.Int64
	next.Store(int64(first))
	for range atOnce {
		group.Go(func() error {
			for i := int(next.Add(1)) - 1; i < end; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// pile puts n more tasks behind those that wait in our queue, which no worker
// comes to: copies of the first, under other ids.
func (s *stand) pile(n int) error {
	const page = 10_000
	queue := "asynq:{" + s.load.queues(ourSide)[0] + "}:"
	fields, err := s.client.HGetAll(s.ctx, queue+"t:bench-00000000").Result()
	if err != nil {
		return err
	}
	for from := 0; from < n; from += page {
		pipe := s.client.Pipeline()
		for i := from; i < min(n, from+page); i++ {
			id := fmt.Sprintf("copy-%08d", i)
			pipe.HSet(s.ctx, queue+"t:"+id, fields)
			pipe.LPush(s.ctx, queue+"pending", id)
		}
		if _, err := pipe.Exec(s.ctx); err != nil {
			return err
		}
		s.set.progress("%d of %d wait behind", min(n, from+page), n)
	}
	return nil
}
