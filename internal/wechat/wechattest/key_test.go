package wechattest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"wxdispatch/internal/wechat/wechattest"
)

func TestContentKeyLeavesOutTheClientMsgID(t *testing.T) {
	for body, rest := range map[string]string{
		`{"a":1}`:                              `{"a":1}`,
		`{"client_msg_id":"x"}`:                `{}`,
		`{"client_msg_id":"x","a":1}`:          `{"a":1}`,
		`{"a":1,"client_msg_id":"x"}`:          `{"a":1}`,
		`{"a":1,"client_msg_id":"x,}","b":[]}`: `{"a":1,"b":[]}`,
		`{"a":{"client_msg_id":"x"}}`:          `{"a":{"client_msg_id":"x"}}`,
		`{"a":"client_msg_id"}`:                `{"a":"client_msg_id"}`,
		`{"client_msg_id" : "x\"}" ,"a":1}`:    `{"a":1}`,
		`{"a":"\\","client_msg_id":"x"}`:       `{"a":"\\"}`,
	} {
		want := sha256.Sum256([]byte(rest))
		if got := wechattest.ContentKey([]byte(body)); got != hex.EncodeToString(want[:]) {
			t.Errorf("%s does not have the key of %s", body, rest)
		}
	}
}

// FuzzContentKey: a client_msg_id in front of any object changes nothing.
func FuzzContentKey(f *testing.F) {
	f.Add([]byte(`{"touser":"o","data":{"a":{"value":"\\\"}"}}}`), "m1")
	f.Add([]byte(`{}`), `"},{`)
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		var members map[string]json.RawMessage
		if json.Unmarshal(body, &members) != nil || len(members) == 0 || body[0] != '{' {
			wechattest.ContentKey(body) // must not panic
			return
		}
		if _, there := members["client_msg_id"]; there {
			return
		}
		quoted, _ := json.Marshal(id)
		with := append([]byte(`{"client_msg_id":`+string(quoted)+`,`), body[1:]...)
		if wechattest.ContentKey(with) != wechattest.ContentKey(body) {
			t.Errorf("%s and %s differ", with, body)
		}
	})
}
