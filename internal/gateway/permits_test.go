package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
)

// wxopen is a message that takes the user's next permit.
func wxopen(id string) string {
	return `{"id":"` + id + `","account":"mini","kind":"wxopen","body":{"touser":"oUser","template_id":"tpl","data":{"keyword1":{"value":"v"}}}}`
}

// An app's whole way with permits: it collects them, asks what is left, spends
// them, hears that there are none, and takes a refunded payment back.
func TestPermitsFromCollectingToRefund(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := start(t, settings(addr(client)))
		const path, user = "/api/v1/accounts/mini/permits", "/api/v1/accounts/mini/permits/oUser"
		add := func(rest string) reply {
			t.Helper()
			return s.call("POST", path, apiKey, `{"openid":"oUser",`+rest+`}`)
		}
		left := func(want string) {
			t.Helper()
			got := s.call("GET", user, miniKey, "")
			if s.want(got, 200, ""); !strings.HasPrefix(got.text, `{"openid":"oUser","remaining":`+want) {
				t.Errorf("left is %s, want %s", got.text, want)
			}
		}
		issued := time.Now().Add(-time.Hour).Truncate(time.Second)
		ends := issued.Add(7*24*time.Hour - 5*time.Minute).UTC().Format(time.RFC3339)
		form := `"type":"form","code":"form-1","issued_at":"` + issued.Format(time.RFC3339) + `"`

		s.want(s.post(wxopen("o-0")), 409, "unpermitted")
		s.want(add(form), 201, "")
		s.want(add(form), 200, "")
		s.want(add(`"code":"prepay_id=wx1"`), 201, "")
		s.want(add(`"type":"consent","template_id":"tpl","count":2,"code":"order-1"`), 201, "")
		left(`6,"permits":[{"type":"form","code":"form-1","template_id":"","left":1,"expires_at":"` + ends + `"},{"type":"payment","code":"wx1",`)

		for _, code := range []string{"the formId is a mock one", "the formId is no longer available in develop or trial version", "4200001958202411221234567890", ""} {
			got := add(`"type":"form","code":"` + code + `"`)
			if s.want(got, 422, "invalid"); len(got.Error.Fields) != 1 || got.Error.Fields[0].Path != "code" {
				t.Errorf("%q: %s", code, got.text)
			}
		}
		s.want(s.call("POST", "/api/v1/accounts/none/permits", apiKey, `{"openid":"oUser","code":"f"}`), 404, "not_found")
		s.want(s.call("POST", "/api/v1/accounts/shop/permits", miniKey, `{"openid":"oUser","code":"f"}`), 403, "forbidden")

		for _, id := range []string{"o-1", "o-2"} { // the form ends first, then the payment
			s.want(s.post(wxopen(id)), 202, "")
		}
		left(`4,"permits":[{"type":"payment","code":"wx1","template_id":"","left":2,`)
		if again := add(form); !strings.Contains(again.text, `"left":0,"known":true`) {
			t.Errorf("a used form, added again: %s", again.text)
		}

		if got := s.call("DELETE", user+"?code=wx1", miniKey, ""); got.text != `{"openid":"oUser","code":"wx1","lost":2,"left":0}`+"\n" {
			t.Errorf("taken back: %s", got.text)
		}
		s.want(s.call("DELETE", user+"?code=wx1", miniKey, ""), 404, "not_found")
		left(`2,"permits":[{"type":"consent","code":"","template_id":"tpl","left":2,"expires_at":null}]}`)
		got := s.post(wxopen("o-3"))
		if s.want(got, 409, "unpermitted"); !strings.Contains(got.text, "nothing is left to the user") {
			t.Errorf("told %s", got.text)
		}
		if log := s.log.String(); strings.Contains(log, "oUser") || strings.Contains(log, "form-1") {
			t.Errorf("the log tells a user or a permit: %s", log)
		}
	})
}
