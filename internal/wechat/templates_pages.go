package wechat

import (
	"context"
	"fmt"

	"wxdispatch/internal/fault"
)

const (
	// pageSize is the most that a page of templates or titles has.
	pageSize = 20
	// mostPages ends a listing that WeChat never ends: 10,000 entries.
	mostPages = 500
	// mostKeywords is how many keywords a template may have.
	mostKeywords = 10
)

// page is one question of a listing.
type page struct {
	Offset int `json:"offset"` // from 0
	Count  int `json:"count"`  // 1 to 20
}

// mistakes checks a page before it is asked for.
func (p page) mistakes() []fault.Field {
	var fields []fault.Field
	if p.Offset < 0 {
		fields = append(fields, fault.Field{Path: "offset", Message: fmt.Sprintf("found %d; allowed is 0 and more", p.Offset)})
	}
	if p.Count < 1 || p.Count > pageSize {
		fields = append(fields, fault.Field{Path: "count", Message: fmt.Sprintf("found %d; allowed are 1 to %d", p.Count, pageSize)})
	}
	return fields
}

// pages asks for page after page until one is short, or all that WeChat counts
// were seen; total is 0 where it does not count.
func pages[T any](ctx context.Context, ask func(context.Context, page) (list []T, total int, err error)) ([]T, error) {
	var all []T
	for range mostPages {
		list, total, err := ask(ctx, page{Offset: len(all), Count: pageSize})
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if len(list) == 0 || total > 0 && len(all) >= total || total == 0 && len(list) < pageSize {
			break
		}
	}
	return all, nil
}
