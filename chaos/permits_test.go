package chaos_test

import (
	"context"
	"slices"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// collect puts the permits that apps collected into the users' pools.
func (r *run) collect(ctx context.Context) {
	r.t.Helper()
	var grants []permit.Grant
	for _, p := range r.parts {
		if p.pooled {
			grants = append(grants, permit.Grant{OpenID: p.message.Body.Recipient(), Code: p.permit,
				Type: message.PermitTypeOf(p.permit), IssuedAt: time.Now()})
		}
	}
	for some := range slices.Chunk(grants, 1000) {
		if _, err := r.book.AddPermits(ctx, mini, some); err != nil {
			r.t.Fatal(err)
		}
	}
}

// checkPermits: each user's uses are spent where WeChat may have counted, and
// whole where it did not.
func (r *run) checkPermits(ctx context.Context, all []evidence) {
	r.t.Helper()
	for _, e := range all {
		if e.part.permit == "" || e.record == nil {
			continue
		}
		standing, err := r.book.Permits(ctx, mini, e.part.message.Body.Recipient())
		if err != nil {
			r.t.Fatal(err)
		}
		left := 0
		for _, s := range standing {
			left += s.Left
		}
		want := permit.Uses(message.PermitTypeOf(e.part.permit))
		if e.record.State == message.Accepted || e.record.State == message.InDoubt {
			want--
		}
		if left != want {
			r.t.Errorf("%s is %s; %d uses of its permit are left, want %d", e.record.ID, e.record.State, left, want)
		}
		if counted, _ := r.stand.PermitLeft(miniAppID, e.part.permit); left > counted {
			r.t.Errorf("%s: %d uses are left here, %d at WeChat", e.record.ID, left, counted)
		}
	}
}
