package wechattest

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// firstMsgID is where msgids start: 19 digits, as WeChat's have today.
const firstMsgID = 1_500_000_000_000_000_000

// maxBody is the longest request that is read, in bytes.
const maxBody = 1 << 20

// reply is one answer: its errcode and its JSON.
type reply struct {
	code int
	body []byte
}

// phrases are the errmsgs of the codes that the stand-in answers by itself.
// Clients must not decide by them, 47003 aside, which names the field.
var phrases = map[int]string{
	-1:    "system error",
	40001: "invalid credential, access_token is invalid or not latest",
	40002: "invalid grant_type",
	40003: "invalid openid",
	40013: "invalid appid",
	40014: "invalid access_token",
	40033: "invalid charset",
	40035: "invalid parameter",
	40097: "invalid args",
	40037: "invalid template_id",
	40125: "invalid appsecret",
	40164: "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist",
	40165: "invalid weapp pagepath",
	40166: "invalid weapp appid",
	40241: "The message is duplicate in 60 seconds",
	41001: "access_token missing",
	41002: "appid missing",
	41004: "appsecret missing",
	41009: "missing openid",
	41011: "missing required fields",
	41028: "invalid form id",
	41029: "form id used count reach limit",
	41030: "invalid page",
	42001: "access_token expired",
	43001: "require GET method",
	43002: "require POST method",
	43004: "require subscribe",
	43019: "require remove blacklist",
	43101: "user refuse to accept the msg",
	43108: "another message to this user is under way",
	43116: "This template_id is banned",
	44002: "empty post data",
	45002: "content size out of limit",
	45003: "title size out of limit",
	45009: "reach max api daily quota limit",
	45011: "api minute-quota reach limit, must slower, retry next minute",
	45026: "template num exceed limit",
	45065: "clientmsgid exist",
	45067: "clientmsgid size out of limit",
	45103: "This API has been unsupported",
	45100: "invalid keyword id list",
	45109: "This API has been unsupported",
	47001: "data format error",
	47002: "data format error, escaped unicode is not allowed",
	47003: "argument invalid! data.thing1.value invalid",
	48001: "api unauthorized",
	48004: "api forbidden for irregularities",
	48006: "forbid to clear quota because of reaching the limit",
	48009: "This API has been unsupported",
	50002: "user limited",
}

// refusal is the answer for an errcode; an empty text means the usual words.
// Like WeChat's it ends with a rid whose first group is the time.
func refusal(code int, text string, now time.Time) reply {
	if code == 0 {
		return accepted(0)
	}
	if text == "" {
		text = phrases[code]
	}
	if text == "" {
		text = "error " + strconv.Itoa(code)
	}
	text += fmt.Sprintf(" rid: %08x-%08x-%08x", now.Unix(), rand.Uint32(), rand.Uint32())
	quoted, _ := json.Marshal(text) // a string always can be
	b := append([]byte(`{"errcode":`), strconv.Itoa(code)...)
	b = append(b, `,"errmsg":`...)
	b = append(b, quoted...)
	return reply{code, append(b, '}')}
}

// accepted is the answer ok; with no msgid when it is 0.
func accepted(msgid int64) reply {
	b := []byte(`{"errcode":0,"errmsg":"ok"`)
	if msgid != 0 {
		b = append(b, `,"msgid":`...)
		b = strconv.AppendInt(b, msgid, 10)
	}
	return reply{0, append(b, '}')}
}

// repeated is the answer 45065 as seen in the field: it names the first
// message's id, under another name than usual.
func repeated(code int, msgid int64) reply {
	b := append([]byte(`{"errcode":`), strconv.Itoa(code)...)
	b = append(b, `,"errmsg":"clientmsgid exist","msg_id":`...)
	b = strconv.AppendInt(b, msgid, 10)
	return reply{code, append(b, '}')}
}

// readBody reads a request's body, at most maxBody bytes of it and one more, so
// that a longer one can be told.
func readBody(r *http.Request) ([]byte, error) {
	if n := r.ContentLength; n >= 0 && n <= maxBody {
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(io.LimitReader(r.Body, maxBody+1))
}

func write(w http.ResponseWriter, body []byte) {
	w.Header()["Content-Type"] = jsonType
	w.Write(body)
}

// jsonType is the header that WeChat sends, which names its charset oddly.
var jsonType = []string{"application/json; encoding=utf-8"}
