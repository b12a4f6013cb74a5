package message

import "time"

// Suppression is that a user wants nothing more, or nothing of one template.
type Suppression struct {
	OpenID   string
	Template string    // "": everything
	Until    time.Time // zero: for good
	By       string    // who says so, a word: app, switched_off (43101), rejected (an event)
	Void     bool      // setting: the user's consents for the template are void
	Replace  bool      // setting: also where what stands lasts longer
}

// Who says that a user wants no more.
const (
	ByApp         = "app"
	BySwitchedOff = "switched_off" // WeChat's 43101 on kind template
	ByRejected    = "rejected"     // an event of WeChat's
)

// Holds tells whether it is in force.
func (s Suppression) Holds(now time.Time) bool { return s.Until.IsZero() || now.Before(s.Until) }
