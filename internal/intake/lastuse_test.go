package intake_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
)

// Two hundred messages ask for the last use of a payment, at once and by both
// ways, from the pool and by name: one gets it, the others hear so, and of them
// nothing stays behind.
func TestTwoHundredForTheLastUse(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		const crowd = 200
		p := newPool(t, client)
		p.add("mini", permit.Grant{OpenID: "oUser", Type: message.PaymentPermit, Code: "wx1"})
		p.hold("first")
		p.hold("second")
		p.wantLeft(1)

		var all [crowd]*message.Message
		for i := range all {
			named := ""
			if i%2 == 1 {
				named = `"form_id":"wx1",`
			}
			all[i] = decode(t, fmt.Sprintf(`{"id":"m-%d","account":"mini","kind":"wxopen","body":{%s"touser":"oUser","template_id":"t"}}`, i, named))
		}
		var errs [crowd]error
		var start, crowded sync.WaitGroup
		start.Add(1)
		for i := range all {
			crowded.Go(func() {
				start.Wait()
				_, errs[i] = p.Take(t.Context(), all[i])
			})
		}
		start.Done()
		crowded.Wait()

		var got []string
		for i, err := range errs {
			switch _, asked := p.lookup.Status(t.Context(), "mini", all[i].ID); {
			case err == nil && asked == nil:
				got = append(got, all[i].ID)
			case !fault.Is(err, fault.Unpermitted) || !strings.HasSuffix(err.Error(), "nothing is left to the user"):
				t.Errorf("%s: %v, want unpermitted and what is left", all[i].ID, err)
			case !fault.Is(asked, fault.NotFound):
				t.Errorf("%s was refused, and something is known of it: %v", all[i].ID, asked)
			}
		}
		if len(got) != 1 || p.tasks("mini.wxopen") != 2+1 {
			t.Errorf("taken were %q, and %d tasks wait; want one, and 3", got, p.tasks("mini.wxopen"))
		}
		p.wantLeft(0)
	})
}
