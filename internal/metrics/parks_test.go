package metrics

import (
	"testing"
	"time"

	"wxdispatch/internal/message"
)

func TestParksAreShown(t *testing.T) {
	m := New()
	m.WatchParks(func() []Lane {
		return []Lane{
			{Account: "shop", Kind: message.Template, Reasons: []string{"daily", "operator", "daily"}, Ends: 90 * time.Second, Used: 7, Limit: 9, Limited: true},
			{Account: "shop", Kind: message.Bizsend},
			{Account: "mini", Kind: message.Subscribe, Reasons: []string{"because"}},
		}
	})
	text := scrape(t, m)
	want(t, text, `wxdispatch_lane_parked{account="shop",kind="template",reason="daily"} 1`,
		`wxdispatch_lane_parked{account="shop",kind="template",reason="operator"} 1`,
		`wxdispatch_lane_parked{account="mini",kind="subscribe",reason="other"} 1`,
		`wxdispatch_park_until_seconds{account="shop",kind="template"} 90`,
		`wxdispatch_quota_used{account="shop",kind="template"} 7`, `wxdispatch_quota_used{account="shop",kind="bizsend"} 0`)
	want(t, text, `wxdispatch_quota_limit{account="shop",kind="template"} 9`)
	absent(t, text, `wxdispatch_quota_limit{account="shop",kind="bizsend"`, `wxdispatch_lane_parked{account="shop",kind="bizsend"`, `wxdispatch_park_until_seconds{account="mini"`)
}
