package redistest

import "testing"

// The user of Limited.
const (
	Looker         = "looker"
	LookerPassword = "looker-password"
)

// Limited is a private redis-server whose user Looker has all rights but these,
// each as ACL SETUSER takes it: -eval.
func Limited(t *testing.T, rights ...any) (addr string) {
	t.Helper()
	addr = Server(t)
	args := append([]any{"ACL", "SETUSER", Looker, "on", ">" + LookerPassword, "~*", "&*", "+@all"}, rights...)
	if err := Client(t, addr).Do(t.Context(), args...).Err(); err != nil {
		t.Fatal(err)
	}
	return addr
}
