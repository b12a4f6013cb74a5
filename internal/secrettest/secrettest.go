// Package secrettest is the one assertion of every layer's tests that no secret
// and no access_token shows: in a log line, an error, a page, a metric, an
// answer, or what is kept in Redis for a task.
//
// Its promise: a secret is found in each form that programs put it into (as it
// is, in a URL, in JSON, in base64, in hex), a token of the stand-in WeChat
// (internal/wechat/wechattest) also when nobody named it; and no failure of a
// test repeats what it found.
package secrettest

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// token is what an access_token of the stand-in looks like; a part of one is
// too much, too.
var token = regexp.MustCompile(`98_[A-Za-z0-9_-]{16,}`)

// Hidden fails the test when text, which is told as where, shows one of the
// secrets, or any token of the stand-in WeChat. Secrets of less than 4
// characters are left out: anything has them.
func Hidden(t testing.TB, where, text string, secrets ...string) {
	t.Helper()
	if form := Shown(text, secrets...); form != "" {
		t.Errorf("%s shows %s", where, form)
	}
}

// Shown says which secret a text shows and how, without repeating it; "" when
// none.
func Shown(text string, secrets ...string) string {
	if token.MatchString(text) {
		return "an access_token"
	}
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue
		}
		for _, form := range forms(secret) {
			if strings.Contains(text, form.text) {
				return "a secret that begins with " + secret[:2] + ", " + form.name
			}
		}
	}
	return ""
}

type form struct{ name, text string }

func forms(secret string) []form {
	quoted, _ := json.Marshal(secret) // a string is never refused
	return []form{
		{"as it is", secret},
		{"as a URL has it", url.QueryEscape(secret)},
		{"as a path has it", url.PathEscape(secret)},
		{"as JSON has it", strings.Trim(string(quoted), `"`)},
		{"in base64", base64.RawStdEncoding.EncodeToString([]byte(secret))},
		{"in base64 of URLs", base64.RawURLEncoding.EncodeToString([]byte(secret))},
		{"in hex", hex.EncodeToString([]byte(secret))},
	}
}

// HiddenInRedis is Hidden of everything that stands in a Redis, tasks' payloads
// and results included: keys and what they hold. Only the hashes that keep the
// accounts' tokens are left out, since that is what they are for; secrets must
// not stand even there.
func HiddenInRedis(t testing.TB, client redis.UniversalClient, secrets ...string) {
	t.Helper()
	ctx := context.Background()
	keys, err := client.Keys(ctx, "*").Result()
	if err != nil {
		t.Errorf("Redis was not looked through: %v", err)
	}
	for _, key := range keys {
		text, err := contents(ctx, client, key)
		if err != nil {
			t.Errorf("%s was not looked through: %v", key, err)
		}
		if strings.HasSuffix(key, "}:token") {
			text = token.ReplaceAllString(text, "")
		}
		Hidden(t, "the key "+key, key+"\n"+text, secrets...)
	}
}

// contents is all that a key holds, as one text.
func contents(ctx context.Context, client redis.UniversalClient, key string) (string, error) {
	kind, err := client.Type(ctx, key).Result()
	if err != nil {
		return "", err
	}
	var parts []string
	switch kind {
	case "string":
		var text string
		text, err = client.Get(ctx, key).Result()
		parts = []string{text}
	case "hash":
		var fields map[string]string
		fields, err = client.HGetAll(ctx, key).Result()
		for name, value := range fields {
			parts = append(parts, name, value)
		}
	case "list":
		parts, err = client.LRange(ctx, key, 0, -1).Result()
	case "set":
		parts, err = client.SMembers(ctx, key).Result()
	case "zset":
		parts, err = client.ZRange(ctx, key, 0, -1).Result()
	case "stream":
		var entries []redis.XMessage
		entries, err = client.XRange(ctx, key, "-", "+").Result()
		for _, entry := range entries {
			text, _ := json.Marshal(entry.Values) // texts are never refused
			parts = append(parts, string(text))
		}
	}
	if err == redis.Nil { // gone meanwhile
		err = nil
	}
	return strings.Join(parts, "\n"), err
}
