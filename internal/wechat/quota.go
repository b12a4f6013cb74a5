package wechat

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Quota is WeChat's own count of an interface's day; it is about 1 % off.
type Quota struct {
	Limit int `json:"daily_limit"`
	Used  int `json:"used"`
	Left  int `json:"remain"`
}

// FetchQuota asks how much of an interface's day is used
// (/cgi-bin/openapi/quota/get); path is the interface's, as /cgi-bin/…/send. Its
// error has the class of WeChat's code, or of Post.
func (c *Client) FetchQuota(ctx context.Context, token, path string) (Quota, error) {
	const op = "wechat.quota"
	var told struct{ Quota Quota }
	err := c.call(ctx, op, "/cgi-bin/openapi/quota/get", token, map[string]string{"cgi_path": path}, &told)
	return told.Quota, err
}

// ClearQuota has WeChat count the account's day anew
// (/cgi-bin/clear_quota), for all interfaces, which it does 10 times a month, the
// web console's button included; then its error has code 48006.
func (c *Client) ClearQuota(ctx context.Context, token, appid string) error {
	return c.call(ctx, "wechat.clear_quota", "/cgi-bin/clear_quota", token, map[string]string{"appid": appid}, nil)
}

// call asks what is answered by an errcode and, when that is 0, by what is read
// into told.
func (c *Client) call(ctx context.Context, op, path, token string, question, told any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	got, err := c.exchange(ctx, ask{op: op, method: http.MethodPost, body: body, secrets: []string{token},
		url: c.endpoint(path, url.Values{"access_token": {token}})})
	if err != nil {
		return err
	}
	reply, err := got.reply(op)
	if err != nil {
		return err
	}
	reply.Message = redact(reply.Message, token)
	if err := reply.Err(op); err != nil || told == nil {
		return err
	}
	if err := json.Unmarshal(got.body, told); err != nil {
		return got.strange(op, err)
	}
	return nil
}
