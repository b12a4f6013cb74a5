package demo

import (
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// The accounts of the demo, named as those of the shipped config.yaml, so that
// a second terminal can enqueue into it.
const (
	shop      = "shop"
	shopAppID = "wxdemo0000000000000"
	mini      = "mini"
	miniAppID = "wxdemo0000000000001"
)

// scene is something that happens to messages: what the stand-in does to the
// user, and how each message must end.
type scene struct {
	example string        // the body, a file of examples
	words   string        // what happens, for people
	weight  int           // how many of the messages, relative to the others
	want    message.State // how each must end
	rings   int           // how often the user's phone must ring for it
	code    int           // the stand-in answers every send to the user so
	fault   *wechattest.Fault
	permit  string // the body's form_id is made of it: "form", "payment"
}

// once is a fault that hits the first call to a user.
func once(f wechattest.Fault) *wechattest.Fault {
	f.Times = 1
	return &f
}

func scenes() []scene {
	const (
		template, bizsend, onetime    = "template-purchase.json", "bizsend.json", "onetime.json"
		wxopen, subscribe             = "wxopen-hotel.json", "subscribe.json"
		uniformMP, uniformMiniProgram = "uniform-mp.json", "uniform-weapp.json"
	)
	busyTwice := &wechattest.Fault{Mode: wechattest.ModeCode, Code: -1, Times: 2}
	return []scene{
		{example: template, words: "arrives", weight: 30, want: message.Accepted, rings: 1},
		{example: template, words: "WeChat is busy twice", weight: 5, want: message.Accepted, rings: 1, fault: busyTwice},
		{example: template, words: "the answer is lost on the way; the repeat is recognised", weight: 4, want: message.Accepted, rings: 1,
			fault: once(wechattest.Fault{Mode: wechattest.ModeCut, Counted: true})},
		{example: template, words: "a gateway answers 502", weight: 3, want: message.Accepted, rings: 1,
			fault: once(wechattest.Fault{Mode: wechattest.ModeHTTP, Status: 502})},
		{example: template, words: "the user does not follow the account", weight: 4, want: message.Refused, code: 43004},
		{example: template, words: "the openid is wrong", weight: 2, want: message.Refused, code: 40003},
		{example: template, words: "an argument breaks its keyword's rule", weight: 2, want: message.Refused, code: 47003},

		{example: bizsend, words: "arrives", weight: 12, want: message.Accepted, rings: 1},
		{example: bizsend, words: "the template is another account's", weight: 2, want: message.Refused, code: 40037},
		{example: onetime, words: "arrives", weight: 8, want: message.Accepted, rings: 1},
		{example: onetime, words: "WeChat is busy twice", weight: 2, want: message.Accepted, rings: 1, fault: busyTwice},

		{example: wxopen, words: "arrives, with a form", weight: 12, want: message.Accepted, rings: 1, permit: "form"},
		{example: wxopen, words: "arrives, with a payment", weight: 4, want: message.Accepted, rings: 1, permit: "payment"},
		{example: wxopen, words: "the answer is lost; 41029 tells that it counted", weight: 2, want: message.Accepted, rings: 1, permit: "form",
			fault: once(wechattest.Fault{Mode: wechattest.ModeCut, Counted: true})},
		{example: wxopen, words: "the form was used already", weight: 2, want: message.Refused, permit: "form", code: 41029},
		{example: wxopen, words: "the form has expired", weight: 2, want: message.Refused, permit: "form", code: 41028},
		{example: uniformMP, words: "arrives from the official account", weight: 6, want: message.Accepted, rings: 1},
		{example: uniformMiniProgram, words: "arrives from the mini program", weight: 6, want: message.Accepted, rings: 1, permit: "form"},
		{example: subscribe, words: "arrives", weight: 16, want: message.Accepted, rings: 1},
		{example: subscribe, words: "the consent is spent", weight: 4, want: message.Refused, code: 43101},
		{example: subscribe, words: "the answer is no JSON: held as in doubt, not repeated", weight: 2, want: message.InDoubt, rings: 1,
			fault: once(wechattest.Fault{Mode: wechattest.ModeGarbage, Counted: true})},
	}
}

// share deals n messages out to the scenes by weight, at least one each.
func share(n int, all []scene) []int {
	total := 0
	for _, s := range all {
		total += s.weight
	}
	counts, dealt := make([]int, len(all)), 0
	for i, s := range all {
		counts[i] = max(1, n*s.weight/total)
		dealt += counts[i]
	}
	if dealt < n {
		counts[0] += n - dealt
	}
	return counts
}
