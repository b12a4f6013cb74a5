package worker_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// shownMetrics is every family that a worker promises, with its labels.
var shownMetrics = map[string]string{
	"wxdispatch_messages_total":        "account,kind,state",
	"wxdispatch_attempts_total":        "account,class,kind",
	"wxdispatch_attempt_seconds":       "account,kind",
	"wxdispatch_wait_seconds":          "account,kind",
	"wxdispatch_queue_messages":        "account,kind,state",
	"wxdispatch_oldest_seconds":        "account,kind",
	"wxdispatch_in_doubt":              "account,kind",
	"wxdispatch_lane_parked":           "account,kind,reason",
	"wxdispatch_park_until_seconds":    "account,kind",
	"wxdispatch_rate":                  "account,which",
	"wxdispatch_quota_used":            "account,kind",
	"wxdispatch_quota_limit":           "account,kind",
	"wxdispatch_permits_total":         "account,operation,type",
	"wxdispatch_token_expires_seconds": "account",
	"wxdispatch_token_age_seconds":     "account",
	"wxdispatch_receipts_total":        "account,status",
	"wxdispatch_last_receipt_seconds":  "account",
	"wxdispatch_template_parked":       "account,by,template_id",
	"wxdispatch_redis_noeviction":      "",
	"wxdispatch_scrape_errors_total":   "",
}

// TestAWorkerShowsEachMetric once there is something to tell.
func TestAWorkerShowsEachMetric(t *testing.T) {
	s := faultStage(t)
	s.pushed("shop", s.pushes(), wechattest.Pushes{})
	w := s.worker(func(cfg *config.Config) {
		a := cfg.Accounts["shop"]
		a.DailyQuota = map[message.Kind]int{message.Template: 100}
		cfg.Accounts["shop"] = a
	})
	if err := s.book().Park(t.Context(), "shop", message.Bizsend, time.Now().Add(time.Hour), ledger.ParkInfo{By: "operator"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.book().ParkTemplate(t.Context(), "shop", "stopped", ledger.ParkInfo{By: "operator"}); err != nil {
		t.Fatal(err)
	}
	s.collected("oForm", "form-1")
	s.take(s.producer(), wxopen(t, "permitted", "oForm", ""))
	s.sim.Inject(wechattest.Fault{OpenID: "oGarbage", Mode: wechattest.ModeGarbage, Counted: true, Times: 1})
	s.put(template(t, "sent", "oUser"), subscribe(t, "doubt", "oGarbage"))
	s.ended("mini", "permitted")
	s.until("the doubt and the receipt", func() bool {
		return s.ended("mini", "doubt").State == message.InDoubt && s.ended("shop", "sent").Receipt != nil
	})

	var page string
	s.until("all metrics are shown", func() bool {
		page = pageOf(t, w.URL()+"/metrics")
		shown := families(page)
		return !slices.ContainsFunc(slices.Collect(maps.Keys(shownMetrics)), func(name string) bool { _, there := shown[name]; return !there })
	})
	if shown := families(page); !maps.Equal(shown, shownMetrics) {
		t.Errorf("shown: %v\nwant: %v", shown, shownMetrics)
	}
	for _, line := range []string{
		`wxdispatch_messages_total{account="mini",kind="subscribe",state="in_doubt"} 1`,
		`wxdispatch_in_doubt{account="mini",kind="subscribe"} 1`,
		`wxdispatch_in_doubt{account="shop",kind="template"} 0`,
		`wxdispatch_lane_parked{account="shop",kind="bizsend",reason="operator"} 1`,
		`wxdispatch_quota_limit{account="shop",kind="template"} 100`,
		`wxdispatch_receipts_total{account="shop",status="success"} 1`,
		`wxdispatch_redis_noeviction 1`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("the page lacks %s", line)
		}
	}
	for _, private := range []string{"oUser", "oForm", "oGarbage", "form-1", secret} {
		if strings.Contains(page, private) {
			t.Errorf("the page shows %s", private)
		}
	}
	s.stop(w)
}

var (
	seriesLine = regexp.MustCompile(`(?m)^(wxdispatch_\w+)(?:\{(.*)\})? \S+$`)
	labelName  = regexp.MustCompile(`(\w+)="`)
	histogram  = regexp.MustCompile(`(?m)^# TYPE (\w+) histogram$`)
)

// families are ours on a page, with the names of their labels, sorted.
func families(page string) map[string]string {
	parts := map[string]string{} // of a histogram's series, its name
	for _, h := range histogram.FindAllStringSubmatch(page, -1) {
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			parts[h[1]+part] = h[1]
		}
	}
	found := map[string]string{}
	for _, line := range seriesLine.FindAllStringSubmatch(page, -1) {
		name := line[1]
		if whole, is := parts[name]; is {
			name = whole
		}
		var labels []string
		for _, l := range labelName.FindAllStringSubmatch(line[2], -1) {
			if l[1] != "le" {
				labels = append(labels, l[1])
			}
		}
		slices.Sort(labels)
		found[name] = strings.Join(labels, ",")
	}
	return found
}
