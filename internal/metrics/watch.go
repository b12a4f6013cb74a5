package metrics

import (
	"slices"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Attempted counts one HTTP call to a send interface.
func (m *Metrics) Attempted(msg *message.Message, class fault.Class, took time.Duration) {
	account, kind := m.account(msg.Account), kindLabel(msg.Kind)
	m.attempts.WithLabelValues(account, kind, classLabel(class)).Inc()
	m.attemptTime.WithLabelValues(account, kind).Observe(took.Seconds())
}

// Permit counts something that was done to one use of a permit: added, held,
// spent, released, void, exhaust, lapsed, removed.
func (m *Metrics) Permit(account string, t message.PermitType, operation string) {
	m.permits.WithLabelValues(m.account(account), permitLabel(t), operation).Inc()
}

func permitLabel(t message.PermitType) string {
	switch t {
	case message.FormPermit, message.PaymentPermit, message.ConsentPermit:
		return string(t)
	}
	return other
}

// Waited notes how long a message that is tried for the first time has been
// due.
func (m *Metrics) Waited(msg *message.Message, wait time.Duration) {
	// Clocks of two hosts differ: a message is never tried before it is due.
	m.waitTime.WithLabelValues(m.account(msg.Account), kindLabel(msg.Kind)).Observe(max(wait, 0).Seconds())
}

// Ended counts one message that reached a final state.
func (m *Metrics) Ended(msg *message.Message, state message.State) {
	m.messages.WithLabelValues(m.account(msg.Account), kindLabel(msg.Kind), stateLabel(state)).Inc()
}

// other stands for every value that is not known.
const other = "other"

func (m *Metrics) account(name string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.accounts[name] {
		return name
	}
	return other
}

func kindLabel(kind message.Kind) string {
	if kind.Valid() {
		return string(kind)
	}
	return other
}

func stateLabel(state message.State) string {
	if slices.Contains(message.States(), state) {
		return string(state)
	}
	return other
}

// attemptClasses is every class that an attempt's answer can have.
var attemptClasses = map[fault.Class]bool{
	fault.OK: true, fault.Token: true, fault.Busy: true, fault.Minute: true, fault.Daily: true,
	fault.Concurrency: true, fault.Duplicate: true, fault.Recipient: true, fault.Permit: true,
	fault.Payload: true, fault.Template: true, fault.Account: true, fault.Gone: true, fault.Caller: true,
	fault.Unknown: true, fault.Unsent: true, fault.Unanswered: true,
}

func classLabel(class fault.Class) string {
	if attemptClasses[class] {
		return string(class)
	}
	return other
}
