package secrettest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
)

const secret = "Pa+ss/w\"ord"

// The assertion itself must bite, in each form.
func TestASecretIsFoundInEachForm(t *testing.T) {
	quoted, _ := json.Marshal(secret)
	for name, text := range map[string]string{
		"plain": "the secret is " + secret, "query": "?secret=" + url.QueryEscape(secret),
		"json": `{"secret":` + string(quoted) + `}`, "base64": base64.StdEncoding.EncodeToString([]byte(secret)),
		"hex":   fmt.Sprintf("%x", secret),
		"token": "access_token=98_" + strings.Repeat("aB3-", 8),
	} {
		found := secrettest.Shown(text, "other", secret)
		if found == "" {
			t.Errorf("%s: not found", name)
		}
		if strings.Contains(found, secret) {
			t.Errorf("%s: the secret is repeated", name)
		}
	}
	if found := secrettest.Shown("token fetched, 98_9 of 100; [secret]", secret, "a"); found != "" {
		t.Errorf("found %s where nothing is", found)
	}
}

// recorder is a test that only notes whether it failed.
type recorder struct {
	testing.TB
	failures int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failures++ }

func TestEveryKindOfKeyIsLookedThrough(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		ctx, token := t.Context(), "98_"+strings.Repeat("x", 40)
		look := func(want int) {
			t.Helper()
			r := &recorder{TB: t}
			if secrettest.HiddenInRedis(r, client, secret); r.failures != want {
				t.Errorf("%d keys failed, want %d", r.failures, want)
			}
		}
		client.HSet(ctx, "wxd:{shop}:token", "v", token)
		look(0)
		client.HSet(ctx, "wxd:{shop}:token", "w", "wrong: "+secret)
		look(1)
		client.Set(ctx, "a", secret, 0)
		client.HSet(ctx, "b", "msg", secret)
		client.RPush(ctx, "c", token)
		client.SAdd(ctx, "d", secret)
		client.ZAdd(ctx, "e", redis.Z{Member: token})
		client.XAdd(ctx, &redis.XAddArgs{Stream: "f", Values: map[string]any{"k": secret}})
		look(7)
	})
}
