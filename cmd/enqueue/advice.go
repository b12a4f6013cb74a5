package main

import (
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
)

// byState is what to do about a bad end whose state says it all.
var byState = map[message.State]string{
	message.InDoubt:     "ask the user whether it arrived, then enqueue resolve",
	message.Expired:     "send anew under a new id if it still matters",
	message.Unpermitted: "get a new permit from the user, then send anew under a new id",
	message.Suppressed:  "nothing: the user wants no such message",
	message.Undelivered: "nothing at once: WeChat could not deliver it; replay if the receipt says system failed",
}

// byClass is what to do about what WeChat's code means.
var byClass = map[fault.Class]string{
	fault.Recipient: "nothing: this user cannot be reached until following or subscribing again",
	fault.Permit:    "get a new permit from the user, then send anew under a new id",
	fault.Payload:   "mend the body, then send anew under a new id",
	fault.Template:  "mend or free the template at WeChat, then enqueue replay",
	fault.Gone:      "use another kind: WeChat withdrew this one",
	fault.Caller:    "report it, with enqueue status --proof",
	fault.Account:   "free the account at WeChat, then enqueue replay",
	fault.Duplicate: "nothing: WeChat has seen this message already",
}

// advice says what a person may do about a bad end; empty for others.
func advice(r *message.Record) string {
	if !slices.Contains(badStates, r.State) {
		return ""
	}
	if text, ok := byState[r.State]; ok {
		return text
	}
	if r.Reason == "conflict" {
		return "use another id: this one belongs to other content"
	}
	if r.ErrCode != 0 {
		if text, ok := byClass[wechat.Lookup(r.ErrCode).Class]; ok {
			return text
		}
	}
	return "enqueue replay, once WeChat is well again"
}

// meaning is a record's code in English; empty when there is none.
func meaning(r *message.Record) string {
	if r.ErrCode == 0 {
		return ""
	}
	return wechat.Lookup(r.ErrCode).English
}
