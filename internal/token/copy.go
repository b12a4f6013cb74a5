package token

import "time"

// held is a process's copy of how the token stands. Its times are this
// process's own, made from what Redis's clock said was left: a clock that is
// wrong by a minute, or is put right, changes nothing.
type held struct {
	value   string // "" when there is none
	expires time.Time
	renew   time.Time // fetch ahead from then on
	retry   time.Time // the source is left alone until then
	fetched time.Time
	wanted  bool      // there is none, and somebody was in need of it
	read    int64     // Redis's time of the reading: what is newer wins
	at      time.Time // when it was read
}

// newHeld is what an answer says of this book's token. asked is when the
// question left, so that a slow answer ends a token early, never late.
func newHeld(s state, b book, asked time.Time) *held {
	h := &held{read: s.now, at: asked, wanted: s.fields["s"] != "" || s.fields["c"] != ""}
	if a := s.fields["a"]; a != "" && a != b.appID {
		return &held{read: s.now, at: asked}
	}
	own, _ := s.resting(b.machine(), b.credentials)
	if s.fields["k"] == b.credentials { // what other credentials met does not hold for these
		own = max(own, s.until("r"))
	}
	if own > 0 {
		h.retry = asked.Add(own)
	}
	if s.fields["v"] == "" {
		return h
	}
	h.value = s.fields["v"]
	h.expires, h.renew, h.fetched = asked.Add(s.until("e")), asked.Add(s.until("n")), asked.Add(s.until("g"))
	return h
}

// good tells whether the token may be used at now.
func (h *held) good(now time.Time) bool {
	return h != nil && h.value != "" && now.Before(h.expires)
}

// due is when a fetch should be tried that nobody asks for: a token ahead of
// its end, one that was refused at once, a failed fetch after its rest. false:
// not at all, since no one ever wanted a token.
func (h *held) due() (time.Time, bool) {
	switch {
	case h == nil || h.value == "" && !h.wanted:
		return time.Time{}, false
	case h.value == "":
		return h.retry, true
	case h.retry.After(h.renew):
		return h.retry, true
	}
	return h.renew, true
}
