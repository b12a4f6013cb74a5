package permit

import (
	"time"

	"wxdispatch/internal/message"
)

// Grant is a permit that an app collected, on its way into the pool. What it
// must be is checked by internal/intake.
type Grant struct {
	OpenID   string
	Type     message.PermitType
	Code     string    // form_id or prepay_id; of a consent the app's own name for the event, or ""
	Template string    // consent: the template that the user agreed to
	Count    int       // consent: how many messages the user agreed to, from 1
	IssuedAt time.Time // form, payment: when it was handed out
}

// Standing is what is left of a permit.
type Standing struct {
	Type      message.PermitType `json:"type"`
	Code      string             `json:"code,omitempty"`
	Template  string             `json:"template_id,omitempty"`
	Left      int                `json:"left"`                // uses that are neither spent nor held
	ExpiresAt time.Time          `json:"expires_at,omitzero"` // consents have none
}
