package worker_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"wxdispatch/internal/config"
	"wxdispatch/internal/events"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

func TestAppsAreToldOfEachEndAndReceipt(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	var mu sync.Mutex
	told := map[string][]string{}
	deaf := 2
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		if deaf > 0 {
			deaf--
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		var post events.Post
		if err := json.Unmarshal(body, &post); err != nil || len(post.Data.Events) > events.Batch {
			t.Errorf("%s, %v", body, err)
		}
		for _, e := range post.Data.Events {
			told[e.ID] = append(told[e.ID], e.State)
		}
	}))
	t.Cleanup(app.Close)
	s.pushed("shop", s.pushes(), defaultPushes)
	w := s.worker(func(cfg *config.Config) {
		shop := cfg.Accounts["shop"]
		shop.Events = config.AccountEvents{URL: app.URL, Secret: "whsec_c2VjcmV0"}
		cfg.Accounts["shop"] = shop
	})
	s.until("the place in the stream", func() bool { return s.redis.Exists(t.Context(), "wxd:{shop}:told").Val() == 1 })
	const n = 150
	var all []*message.Message
	for i := range n {
		all = append(all, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)))
	}
	s.put(all...)
	s.until("the app was told of everything", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, m := range all {
			states := told[m.ID]
			if len(states) < 2 || states[0] == states[1] {
				return false
			}
		}
		return true
	})
	s.stop(w)
}
