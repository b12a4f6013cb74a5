package permit

import (
	"time"

	"wxdispatch/internal/message"
)

// Balance is what is left to a user, in the shape that programs read.
type Balance struct {
	OpenID    string `json:"openid"`
	Remaining int    `json:"remaining"` // how many messages all of them are good for
	Permits   []Line `json:"permits"`
}

// Line is one permit of a Balance; every field is there in every line.
type Line struct {
	Type      message.PermitType `json:"type"`
	Code      string             `json:"code"`        // a consent has none
	Template  string             `json:"template_id"` // a consent's only
	Left      int                `json:"left"`        // uses that are neither spent nor held
	ExpiresAt *time.Time         `json:"expires_at"`  // null: it has no end, as consents have none
}

// BalanceOf adds up what stands to a user, in the order given.
func BalanceOf(openid string, standing []Standing) Balance {
	b := Balance{OpenID: openid, Permits: []Line{}}
	for _, s := range standing {
		line := Line{Type: s.Type, Code: s.Code, Template: s.Template, Left: s.Left}
		if !s.ExpiresAt.IsZero() {
			ends := s.ExpiresAt.UTC()
			line.ExpiresAt = &ends
		}
		b.Remaining += s.Left
		b.Permits = append(b.Permits, line)
	}
	return b
}
