package wechattest

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// pushCalls is how often WeChat tries in all.
const pushCalls = 3

const success = "success"

// receipt is one message's fate on its way.
type receipt struct {
	kind             message.Kind
	openid, template string
	msgid            int64
	status           string
}

// plan is how a receipt travels.
type plan struct {
	early  bool
	after  time.Duration
	double bool
}

// pushed brings a delivered message's fate on its way. A receipt that is early
// has arrived when it returns, before the send is answered.
func (s *Sim) pushed(acc *account, o *order, msgid int64) {
	if o.kind != message.Template && o.kind != message.Subscribe && o.kind != message.Bizsend {
		return
	}
	p := s.pushes
	p.mu.Lock()
	to, wanted := p.to[acc.app.AppID]
	if !wanted || p.ctx.Err() != nil {
		p.mu.Unlock()
		return
	}
	r := receipt{kind: o.kind, openid: o.to, template: o.template, msgid: msgid, status: p.throw(to.Statuses)}
	way := plan{early: p.dice.Float64() < to.Early, after: to.Delay, double: p.dice.Float64() < to.Double}
	if p.dice.Float64() < to.Late {
		way.after = to.LateBy
	}
	p.fates[o.key] = r.status
	p.counts.Receipts++
	p.under.Add(1)
	p.mu.Unlock()

	if way.early {
		defer p.under.Done()
		p.bring(acc.app.AppID, to, r, way, 1)
		return
	}
	go func() {
		defer p.under.Done()
		if pause(p.ctx, way.after) {
			p.bring(acc.app.AppID, to, r, way, pushCalls)
		}
	}()
}

// throw picks a status by its share.
func (p *pusher) throw(shares map[string]float64) string {
	dice := p.dice.Float64()
	for _, status := range slices.Sorted(maps.Keys(shares)) {
		if dice < shares[status] {
			return status
		}
		dice -= shares[status]
	}
	return success
}

// bring pushes until it is taken, and once more where it is to be doubled. An
// early one that is not taken comes again later.
func (p *pusher) bring(appid string, to Pushes, r receipt, way plan, calls int) {
	body := r.body(to.JSON, time.Now())
	for n := range calls {
		if n > 0 && !pause(p.ctx, repeatAfter(to)) {
			return
		}
		status, answer, err := p.call(appid, to, body)
		if err == nil && taken(status, answer) {
			p.count(func(c *PushCounts) { c.Taken++ })
			p.taken.add()
			if way.double {
				_, _, _ = p.call(appid, to, body)
			}
			return
		}
	}
	if way.early {
		p.under.Add(1)
		go func() {
			defer p.under.Done()
			if pause(p.ctx, repeatAfter(to)) {
				way.early = false
				p.bring(appid, to, r, way, pushCalls-1)
			}
		}()
		return
	}
	p.count(func(c *PushCounts) { c.Lost++ })
}

func repeatAfter(to Pushes) time.Duration {
	if to.RepeatAfter > 0 {
		return to.RepeatAfter
	}
	return 5 * time.Second
}

func (p *pusher) count(change func(*PushCounts)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.counts)
}

// taken tells whether WeChat would be content with an answer.
func taken(status int, answer string) bool {
	return status == http.StatusOK && (answer == success || answer == "")
}

// Push sends a body to the account's push address, in its mode, and answers
// what was said there. It is sent once.
func (s *Sim) Push(appid string, body []byte) (status int, answer string, err error) {
	s.pushes.mu.Lock()
	to, ok := s.pushes.to[appid]
	s.pushes.mu.Unlock()
	if !ok {
		return 0, "", errors.New("this appid pushes nowhere; POST /sim/pushes or SetPushes first")
	}
	return s.pushes.call(appid, to, body)
}

// call makes one HTTP call.
func (p *pusher) call(appid string, to Pushes, body []byte) (status int, answer string, err error) {
	select {
	case p.free <- struct{}{}:
		defer func() { <-p.free }()
	case <-p.ctx.Done():
		return 0, "", p.ctx.Err()
	}
	p.count(func(c *PushCounts) { c.Calls++ })
	query, wire, err := dress(appid, to, body, time.Now())
	if err != nil {
		return 0, "", err
	}
	join := "?"
	if strings.Contains(to.URL, "?") {
		join = "&"
	}
	r, err := http.NewRequestWithContext(p.ctx, http.MethodPost, to.URL+join+query.Encode(), strings.NewReader(wire))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "text/xml")
	res, err := p.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	return res.StatusCode, string(text), err
}

// body is the push as WeChat words it: the event of a template message, or that
// of a subscription message.
func (r receipt) body(asJSON bool, now time.Time) []byte {
	created, msgid := strconv.FormatInt(now.Unix(), 10), strconv.FormatInt(r.msgid, 10)
	if r.kind == message.Template {
		if asJSON {
			return encode(map[string]any{"ToUserName": "gh_standin", "FromUserName": r.openid, "CreateTime": now.Unix(),
				"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": r.msgid, "Status": r.status})
		}
		return []byte("<xml><ToUserName><![CDATA[gh_standin]]></ToUserName><FromUserName>" + cdata(r.openid) + "</FromUserName><CreateTime>" + created +
			"</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[TEMPLATESENDJOBFINISH]]></Event><MsgID>" + msgid +
			"</MsgID><Status>" + cdata(r.status) + "</Status></xml>")
	}
	code := "0"
	if r.status != success {
		code = "20001"
	}
	if asJSON {
		return encode(map[string]any{"ToUserName": "gh_standin", "FromUserName": r.openid, "CreateTime": created, "MsgType": "event",
			"Event": "subscribe_msg_sent_event", "List": map[string]string{"TemplateId": r.template, "MsgID": msgid, "ErrorCode": code, "ErrorStatus": r.status}})
	}
	return []byte("<xml><ToUserName><![CDATA[gh_standin]]></ToUserName><FromUserName>" + cdata(r.openid) + "</FromUserName><CreateTime>" + created +
		"</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[subscribe_msg_sent_event]]></Event><SubscribeMsgSentEvent><List><TemplateId>" +
		cdata(r.template) + "</TemplateId><MsgID>" + msgid + "</MsgID><ErrorCode>" + code + "</ErrorCode><ErrorStatus>" + cdata(r.status) +
		"</ErrorStatus></List></SubscribeMsgSentEvent></xml>")
}

func cdata(text string) string { return "<![CDATA[" + text + "]]>" }
