package park

import (
	"context"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// noLimit is an operator's word that a kind has no quota.
const noLimit = -1

// Quota tells how many messages of a kind may go today, and whether there is a
// limit at all: an operator's word as the last look found it, else the
// configuration's.
func (k *Keeper) Quota(kind message.Kind) (most int, limited bool) {
	if s := k.seen.Load(); s != nil {
		if most, set := s.Quotas[kind]; set {
			return most, most != noLimit
		}
	}
	most, limited = (*k.quotas.Load())[kind]
	return most, limited
}

// raise ends the parks of quotas that were raised. It does so once for each
// change that this worker saw: where workers' files disagree the lowest quota
// holds, and the park does not come and go.
func (k *Keeper) raise(ctx context.Context, s ledger.Standing) error {
	for _, kind := range k.o.Kinds {
		most, limited := k.Quota(kind)
		if !limited {
			most = noLimit
		}
		if before, compared := k.limits[kind]; compared && before == most {
			continue
		}
		if parkedBy(s.Parks, kind, ledger.Quota) && (!limited || s.Used[kind] < most) {
			if _, err := k.o.Book.Unpark(ctx, k.o.Account, kind, "quota", ledger.ParkInfo{By: "quota", Host: k.o.Host}, ledger.Quota); err != nil {
				return err
			}
			k.Wake()
		}
		k.limits[kind] = most
	}
	return nil
}

func parkedBy(parks []ledger.Parked, kind message.Kind, reason string) bool {
	for _, p := range parks {
		if p.Kind == kind && p.Reason == reason {
			return true
		}
	}
	return false
}
