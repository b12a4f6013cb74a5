package message

import "time"

// Record is what the ledger knows of a message, in the shape that commands and
// the HTTP API print.
type Record struct {
	ID         string    `json:"id"`
	Account    string    `json:"account"`
	Kind       Kind      `json:"kind"`
	OpenID     string    `json:"openid"`
	TemplateID string    `json:"template_id"`
	Batch      string    `json:"batch,omitempty"`
	State      State     `json:"state"`
	Attempts   int       `json:"attempts"`
	ErrCode    int       `json:"errcode"`
	ErrMsg     string    `json:"errmsg,omitempty"`
	RID        string    `json:"rid,omitempty"`
	MsgID      string    `json:"msgid,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	CreatedAt  time.Time `json:"created_at,omitzero"`
	SendAt     time.Time `json:"send_at,omitzero"`
	SentAt     time.Time `json:"sent_at,omitzero"`
	UpdatedAt  time.Time `json:"updated_at,omitzero"`
	Receipt    *Receipt  `json:"receipt,omitempty"`
	History    []Step    `json:"history,omitempty"`

	Digest string `json:"-"` // of the content; Message.Digest
	Life   int    `json:"-"` // from 1

	Due  time.Time `json:"-"` // waiting: when it comes back
	Open time.Time `json:"-"` // start of the first attempt of this life that stayed unanswered
}

// Receipt is WeChat's later word on delivery.
type Receipt struct {
	Status string    `json:"status"`
	At     time.Time `json:"at"`
}

// Step is one change in a message's way.
type Step struct {
	At      time.Time `json:"at"`
	State   State     `json:"state"`
	ErrCode int       `json:"errcode"`
	Reason  string    `json:"reason,omitempty"`  // why, in a word
	Meaning string    `json:"meaning,omitempty"` // WeChat's code in words
}
