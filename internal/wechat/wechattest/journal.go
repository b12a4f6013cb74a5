package wechattest

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// Delivery is one time that a user's phone rang.
type Delivery struct {
	AppID       string       `json:"appid"`
	Kind        message.Kind `json:"kind"`
	OpenID      string       `json:"openid"`
	TemplateID  string       `json:"template_id"`
	FormID      string       `json:"form_id,omitempty"`
	ClientMsgID string       `json:"client_msg_id,omitempty"`
	MsgID       string       `json:"msgid,omitempty"` // decimal digits; empty when the answer names none
	At          time.Time    `json:"at"`
	Key         string       `json:"key"` // stands for the message's content, see ContentKey
}

// journal is what an account's users received.
type journal struct {
	entries []entry
	byKey   map[[32]byte]int
	doubled int // keys that rang more than once
	extra   int // rings beyond the first
	names   map[string]string
}

// entry is a Delivery in little memory.
type entry struct {
	kind                     message.Kind
	to, template, form, once string
	msgid                    int64
	at                       time.Time
	key                      [32]byte
}

func newJournal() journal {
	return journal{byKey: map[[32]byte]int{}, names: map[string]string{}}
}

func (j *journal) add(o *order, msgid int64, now time.Time) {
	j.byKey[o.key]++
	if n := j.byKey[o.key]; n > 1 {
		j.extra++
		if n == 2 {
			j.doubled++
		}
	}
	j.entries = append(j.entries, entry{o.kind, o.to, j.name(o.template), o.form, o.clientID, msgid, now, o.key})
}

// name keeps one copy of each template id, for there are few of them.
func (j *journal) name(id string) string {
	if kept, ok := j.names[id]; ok {
		return kept
	}
	j.names[id] = id
	return id
}

func (e *entry) delivery(appid string) Delivery {
	d := Delivery{AppID: appid, Kind: e.kind, OpenID: e.to, TemplateID: e.template, FormID: e.form,
		ClientMsgID: e.once, At: e.at, Key: hex.EncodeToString(e.key[:])}
	if id := told(e.kind, e.msgid); id != 0 {
		d.MsgID = strconv.FormatInt(id, 10)
	}
	return d
}

// Deliveries returns every delivery since New or Reset, in order.
func (s *Sim) Deliveries() []Delivery {
	return s.deliveries(func(string, *entry) bool { return true })
}

func (s *Sim) deliveries(wanted func(appid string, e *entry) bool) []Delivery {
	type row struct {
		entry
		appid string
	}
	var rows []row
	for _, acc := range s.everyone() {
		acc.mu.Lock()
		entries := acc.book.log.entries // only ever appended to
		acc.mu.Unlock()
		for i := range entries {
			if wanted(acc.app.AppID, &entries[i]) {
				rows = append(rows, row{entries[i], acc.app.AppID})
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return int(a.msgid - b.msgid) }) // msgids grow
	out := make([]Delivery, len(rows))
	for i := range rows {
		out[i] = rows[i].delivery(rows[i].appid)
	}
	return out
}

// Delivered returns for each message, by its Key, how often its user's phone
// rang.
func (s *Sim) Delivered() map[string]int {
	out := map[string]int{}
	for _, acc := range s.everyone() {
		acc.mu.Lock()
		for key, n := range acc.book.log.byKey {
			out[hex.EncodeToString(key[:])] += n
		}
		acc.mu.Unlock()
	}
	return out
}

// Double is a message that rang more than once.
type Double struct {
	Key   string `json:"key"`
	Count int    `json:"count"`
}

// Doubled returns the messages that were delivered more than once, by key; a
// correct client leaves it empty.
func (s *Sim) Doubled() []Double {
	doubles := []Double{}
	for key, n := range s.Delivered() {
		if n > 1 {
			doubles = append(doubles, Double{key, n})
		}
	}
	slices.SortFunc(doubles, func(a, b Double) int { return strings.Compare(a.Key, b.Key) })
	return doubles
}
