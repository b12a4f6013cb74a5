package ledger

import (
	"maps"
	"slices"
	"strings"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// readConsents reads a user's consents, template → "count" or "count
// generation", by template; what has none left is left out.
func readConsents(fields map[string]string) []permit.Standing {
	var standing []permit.Standing
	for _, template := range slices.Sorted(maps.Keys(fields)) {
		count, _, _ := strings.Cut(fields[template], " ")
		if left := number(count); left > 0 {
			standing = append(standing, permit.Standing{Type: message.ConsentPermit, Template: template, Left: left})
		}
	}
	return standing
}
