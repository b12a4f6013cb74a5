package wechattest

import "time"

// windowLife is how long WeChat knows a client_msg_id again.
const windowLife = 10 * time.Minute

type windowKey struct{ openid, id string }

type seen struct {
	key   windowKey
	msgid int64
	at    time.Time
}

// window remembers the messages of the last 10 minutes by openid and
// client_msg_id.
type window struct {
	byKey map[windowKey]seen
	queue []seen // in the order of time; forgotten from the front
}

func newWindow() window { return window{byKey: map[windowKey]seen{}} }

// find returns the msgid of the message that was sent under the same openid and
// client_msg_id within the window.
func (w *window) find(o *order, now time.Time) (msgid int64, ok bool) {
	if o.clientID == "" {
		return 0, false
	}
	old, ok := w.byKey[windowKey{o.to, o.clientID}]
	if !ok || now.Sub(old.at) >= windowLife {
		return 0, false
	}
	return old.msgid, true
}

func (w *window) add(o *order, msgid int64, now time.Time) {
	if o.clientID == "" {
		return
	}
	w.forget(now)
	s := seen{windowKey{o.to, o.clientID}, msgid, now}
	w.byKey[s.key] = s
	w.queue = append(w.queue, s)
}

// forget drops what is older than the window, so that memory stays bounded by
// ten minutes' messages.
func (w *window) forget(now time.Time) {
	n := 0
	for ; n < len(w.queue) && now.Sub(w.queue[n].at) >= windowLife; n++ {
		if old := w.queue[n]; w.byKey[old.key].msgid == old.msgid {
			delete(w.byKey, old.key)
		}
	}
	w.queue = w.queue[n:]
}
