package wxdispatch

import "context"

// AddPermit takes in a permit that the app collected: a submitted form's
// form_id, a payment's prepay_id, or the user's consent to messages of a
// template. The same Code again changes nothing, and a used one stays used. A
// consent without a Code, which is the app's own name for the event, counts
// each time.
//
// Class Invalid: no such permit can be, Fields says why; NotFound: no such
// account; Unavailable: Redis is away, it may have been taken in, so add it
// again.
func (c *Client) AddPermit(ctx context.Context, account string, g Grant) (Granted, error) {
	results, err := c.permits.AddMany(ctx, account, []Grant{g})
	if err != nil {
		return Granted{OpenID: g.OpenID, Type: g.Type, Code: g.Code, Template: g.Template}, err
	}
	return results[0].Granted, results[0].Err
}

// AddPermits takes many permits in, a thousand in each trip to Redis; over HTTP
// each is a call. A result
// answers each of grants, in order; one that is not good has its Err, class
// Invalid, and keeps none of the others out.
//
// Class NotFound: no such account. With class Unavailable the results end where
// it came to, and some of what follows may have been taken in: add the rest
// again.
func (c *Client) AddPermits(ctx context.Context, account string, grants []Grant) ([]GrantResult, error) {
	return c.permits.AddMany(ctx, account, grants)
}

// Permits tells what is left to a user: forms and payments in the order in
// which messages take them, then consents. What is spent, held by a message, or
// over is not there. Class Invalid: that is no openid; NotFound: no such
// account; Unavailable: Redis is away.
func (c *Client) Permits(ctx context.Context, account, openid string) ([]Standing, error) {
	return c.permits.List(ctx, account, openid)
}

// RemovePermit takes a permit back that must not be used any more: a form or a
// payment that was refunded by its Code, for good; consents by their Template,
// Count of them or, with 0, all. A message that holds a use and is not being
// sent takes another of the user's, or ends as unpermitted.
//
// Class NotFound: the user has no such permit, or there is no such account;
// Invalid: neither or both are named; Unavailable: Redis is away, it may have
// been removed.
func (c *Client) RemovePermit(ctx context.Context, account string, g Grant) (Removed, error) {
	return c.permits.Remove(ctx, account, g)
}
