package operator

import "wxdispatch/internal/ledger"

// inWords is what each reason means to a person.
var inWords = map[string]string{
	"minute":     "WeChat's calls of this minute are used up",
	"daily":      "WeChat's quota of the day is used up",
	"account":    "WeChat refuses the account",
	"outage":     "WeChat is away or busy",
	ledger.Quota: "the day's quota of our own is used up",
	ledger.Token: "no access_token can be had",
}

// words is why a park stands, for people.
func words(p ledger.Parked) string {
	if p.Reason == ledger.Operator {
		return p.Info.Words
	}
	text, known := inWords[p.Reason]
	switch {
	case !known:
		text = p.Reason
	case p.Info.Words != "":
		text += ": " + p.Info.Words
	case p.Info.ErrMsg != "":
		text += ": " + p.Info.ErrMsg
	}
	return text
}
