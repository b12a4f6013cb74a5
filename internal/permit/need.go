package permit

import (
	"slices"
	"time"

	"wxdispatch/internal/message"
)

// Policy is what an account says of subscription consents.
type Policy struct {
	// Enforce refuses a subscription message for which no consent is known;
	// otherwise what is known is spent, and the message goes anyway.
	Enforce bool
	// LongTerm are templates that need no consent and spend none.
	LongTerm []string
}

// Need tells which permit a message needs: wxopen always one, uniform exactly
// when it has a weapp part, subscribe, bizsend and onetime as the policy says.
// A code in the body, handed out at PermitIssuedAt or, unsaid, at created, is
// the one that is used.
func Need(m *message.Message, created time.Time, policy Policy) message.Need {
	switch body := m.Body.(type) {
	case *message.WXOpenBody:
		return paper(m, created)
	case *message.UniformBody:
		if body.Weapp != nil {
			return paper(m, created)
		}
	case *message.SubscribeBody, *message.BizsendBody, *message.OnetimeBody:
		if !slices.Contains(policy.LongTerm, m.Body.TemplateID()) {
			return message.Need{Want: message.WantConsent, Enforce: policy.Enforce}
		}
	}
	return message.Need{}
}

// paper is the need of a form or a payment.
func paper(m *message.Message, created time.Time) message.Need {
	n := message.Need{Want: message.WantPermit, Enforce: true, Code: m.Body.PermitCode()}
	if n.Code == "" {
		return n
	}
	issued := m.PermitIssuedAt
	if issued.IsZero() {
		issued = created
	}
	n.Type, n.Ends = message.PermitTypeOf(n.Code), Ends(issued)
	return n
}
