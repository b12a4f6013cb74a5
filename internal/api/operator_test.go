package api_test

import (
	"slices"
	"strings"
	"testing"
)

func TestAnOperatorsOrders(t *testing.T) {
	s := newStand(t)
	admin := func(method, path, body string) *reply {
		t.Helper()
		return s.call(method, "/api/v1/accounts/"+path, body, "Authorization", "Bearer "+adminKey)
	}
	for _, c := range []struct{ method, path, body, want string }{
		{"POST", "shop/park", `{"kind":"template","reason":"text","until":"2026-11-26T20:00:00Z"}`, "park shoptemplatetextbosstrue"},
		{"POST", "shop/park", `{"reason":"text"}`, "park shoptextbossfalse"},
		{"POST", "shop/unpark", ``, "unpark shopboss"},
		{"POST", "shop/unpark", `{"kind":"template"}`, "unpark shoptemplateboss"},
		{"PATCH", "shop", `{"rate":5,"quota":{"template":7}}`, "set shop5map[template:7]falseboss"},
		{"PATCH", "shop", `{"reset":true}`, "set shop0map[]trueboss"},
	} {
		got := admin(c.method, c.path, c.body)
		if got.Code != 200 || !strings.Contains(got.Body.String(), `"state":"parked"`) || !strings.Contains(got.Body.String(), `"name":"shop"`) {
			t.Errorf("%s %s: %d %s, want how the account stands", c.method, c.path, got.Code, got.Body)
		}
		if !slices.Contains(s.orders, c.want) {
			t.Errorf("%s %s: done was %q, want %q", c.method, c.path, s.orders, c.want)
		}
	}
	done := len(s.orders)
	for _, body := range []string{`{"kind":"letter","reason":"x"}`, `{"raeson":"x"}`, `[]`, `{} {}`, `{`} {
		admin("POST", "shop/park", body).refused(t, 422, "invalid")
	}
	s.call("POST", "/api/v1/accounts/shop/park", "{}", "Authorization", "Bearer "+readKey).refused(t, 403, "forbidden")
	s.call("PATCH", "/api/v1/accounts/shop", "{}", "Authorization", "Bearer "+fullKey).refused(t, 403, "forbidden")
	s.call("POST", "/api/v1/accounts/shop/unpark", "").refused(t, 401, "unauthorized")
	if len(s.orders) != done {
		t.Errorf("something was done that was refused: %q", s.orders[done:])
	}
	if got := s.get("/api/v1/accounts/shop", readKey); got.Code != 200 {
		t.Errorf("GET: %d %s", got.Code, got.Body)
	}
	s.get("/api/v1/accounts/none", readKey).refused(t, 404, "not_found")
	s.get("/api/v1/accounts/mini", shopKey).refused(t, 403, "forbidden")
}
