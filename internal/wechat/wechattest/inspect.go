package wechattest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// defaultPage is how many deliveries GET /sim/deliveries lists unless told.
const defaultPage = 1000

// listDeliveries serves GET /sim/deliveries?appid=&openid=&kind=&key=&since=&limit=:
// the newest ones that match, oldest first.
func (s *Sim) listDeliveries(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if err := onlyNames(q, "appid", "openid", "kind", "key", "since", "limit"); err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	limit, err := number(q, "limit", defaultPage)
	if err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	var since time.Time
	if text := q.Get("since"); text != "" {
		if since, err = time.Parse(time.RFC3339, text); err != nil {
			fail(w, http.StatusBadRequest, fmt.Errorf("since is %q; wanted is a time like 2026-11-22T20:00:00+08:00", text))
			return
		}
	}
	found := s.deliveries(func(appid string, e *entry) bool {
		return fits(q.Get("appid"), appid) && fits(q.Get("openid"), e.to) && fits(q.Get("kind"), string(e.kind)) && !e.at.Before(since)
	})
	if key := q.Get("key"); key != "" {
		found = withKey(found, key)
	}
	total := len(found)
	show(w, http.StatusOK, map[string]any{"total": total, "deliveries": found[max(0, total-limit):]})
}

func fits(wanted, found string) bool { return wanted == "" || wanted == found }

func withKey(all []Delivery, key string) []Delivery {
	kept := all[:0]
	for _, d := range all {
		if d.Key == key {
			kept = append(kept, d)
		}
	}
	return kept
}

// sumDelivered serves GET /sim/delivered: the question whether anything was
// sent twice.
func (s *Sim) sumDelivered(w http.ResponseWriter, _ *http.Request) {
	st := s.Stats()
	show(w, http.StatusOK, map[string]any{"total": st.Deliveries, "distinct": st.Distinct, "doubled": s.Doubled()})
}

// waitFor serves GET /sim/wait?deliveries=N&calls=N&timeout=10s: it answers when
// both are reached, or 408 when the time is over.
func (s *Sim) waitFor(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	deliveries, err1 := number(q, "deliveries", 0)
	calls, err2 := number(q, "calls", 0)
	timeout, err3 := 10*time.Second, error(nil)
	if text := q.Get("timeout"); text != "" {
		timeout, err3 = time.ParseDuration(text)
	}
	if err := errors.Join(onlyNames(q, "deliveries", "calls", "timeout"), err1, err2, err3); err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	if err := errors.Join(s.WaitDeliveries(ctx, deliveries), s.WaitCalls(ctx, calls)); err != nil {
		fail(w, http.StatusRequestTimeout, err)
		return
	}
	done(w)
}

// number reads a count from the query; absent is def.
func number(q url.Values, name string, def int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is %q; wanted is a number from 0", name, text)
	}
	return n, nil
}

// onlyNames refuses parameters that a path does not have.
func onlyNames(q url.Values, names ...string) error {
	for found := range q {
		ok := false
		for _, name := range names {
			ok = ok || name == found
		}
		if !ok {
			return fmt.Errorf("parameter %q is not known; allowed are %q", found, names)
		}
	}
	return nil
}
