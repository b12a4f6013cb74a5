package chaos_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// blockedEvery is how many messages there are to one that WeChat refuses.
const blockedEvery = 61

// part is one message of the run.
type part struct {
	message   *message.Message
	line      []byte // as an app writes it
	key       string // of its content, as the stand-in counts it
	blocked   bool   // WeChat refuses this user
	repeating bool   // WeChat makes sending it again harmless
	permit    string // the form or payment that it spends, or empty
	pooled    bool   // which the app put into the user's pool, not into the message
}

// shares is how often each kind comes, in a hundred.
var shares = []struct {
	kind message.Kind
	of   int
}{
	{message.Template, 40}, {message.WXOpen, 20}, {message.Uniform, 10},
	{message.Subscribe, 14}, {message.Bizsend, 9}, {message.Onetime, 7},
}

// cast makes n messages, each with content, user and permit of its own, and
// tells the stand-in what it must know of them.
func cast(t *testing.T, n int, dice *rand.Rand, sim *wechattest.Sim) []*part {
	t.Helper()
	parts := make([]*part, n)
	for i := range parts {
		p, err := play(i, draw(dice), dice, sim)
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = p
	}
	return parts
}

func draw(dice *rand.Rand) message.Kind {
	at := dice.IntN(100)
	for _, share := range shares {
		if at -= share.of; at < 0 {
			return share.kind
		}
	}
	return message.Template
}

func play(i int, kind message.Kind, dice *rand.Rand, sim *wechattest.Sim) (*part, error) {
	account, appid := shop, shopAppID
	if message.MiniProgram.Sends(kind) {
		account, appid = mini, miniAppID
	}
	openid := fmt.Sprintf("oChaos%022d", i)
	p := &part{blocked: i%blockedEvery == blockedEvery-1, repeating: kind == message.Template}
	switch {
	case kind == message.WXOpen && dice.IntN(4) == 0:
		p.permit = fmt.Sprintf("wx22120000%026d", i)
		sim.GrantPayment(appid, openid, p.permit)
	case kind == message.WXOpen, kind == message.Uniform && i%2 == 0:
		p.permit = fmt.Sprintf("%032x", i+1)
		sim.GrantForm(appid, openid, p.permit)
		p.repeating = kind == message.WXOpen
	}
	form := p.permit
	if p.pooled = form != "" && dice.IntN(2) == 0; p.pooled {
		form = ""
	}
	if p.blocked {
		sim.Block(appid, openid, 43004)
	}
	line, err := json.Marshal(map[string]any{
		"id": fmt.Sprintf("chaos-%06d", i), "account": account, "kind": kind,
		"body": bodyOf(kind, openid, form, fmt.Sprintf("第%d条", i), i),
	})
	if err != nil {
		return nil, err
	}
	p.line = line
	if p.message, err = message.Decode(line); err != nil {
		return nil, fmt.Errorf("%s: %w", line, err)
	}
	wire, err := message.Wire(p.message.WithPermit(p.permit).Body, "")
	p.key = wechattest.ContentKey(wire)
	return p, err
}

type object = map[string]any

// bodyOf is WeChat's request of that kind. Of the uniform messages every other
// one has a weapp part, which spends the form id.
func bodyOf(kind message.Kind, openid, form, words string, i int) object {
	const template = "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"
	keywords := object{"keyword1": object{"value": words}, "keyword2": object{"value": "2026年11月22日"}}
	things := object{"thing1": object{"value": words}}
	switch kind {
	case message.WXOpen:
		return spending(object{"touser": openid, "template_id": template, "page": "index", "data": keywords}, form)
	case message.Subscribe:
		return object{"touser": openid, "template_id": template, "page": "index", "data": things}
	case message.Bizsend:
		return object{"touser": openid, "template_id": template, "page": "https://example.com/", "data": things}
	case message.Onetime:
		return object{"touser": openid, "template_id": template, "url": "https://example.com/", "scene": 1000,
			"title": "开售提醒", "data": object{"content": object{"value": words}}}
	case message.Uniform:
		if i%2 == 0 {
			return object{"touser": openid, "weapp_template_msg": spending(object{
				"template_id": template, "page": "index", "data": keywords}, form)}
		}
		return object{"touser": openid, "mp_template_msg": object{
			"appid": shopAppID, "template_id": template, "url": "https://example.com/",
			"miniprogram": object{"appid": miniAppID, "pagepath": "index"}, "data": keywords}}
	}
	return object{"touser": openid, "template_id": template, "url": "https://example.com/", "data": keywords}
}

// spending names a permit in a part, unless the pool has it.
func spending(part object, form string) object {
	if form != "" {
		part["form_id"] = form
	}
	return part
}
