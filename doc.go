// Package wxdispatch is the client that Go apps import to hand WeChat messages
// over to wxdispatch's workers.
//
// An app makes a message with NewMessage (a type for each kind) or reads one from
// JSON with Decode, hands it over with Client.Send or SendAll, and may ask later
// with Client.Status. New takes the way there: Redis needs the workers' Redis and
// nothing else, no appid and no secret; HTTP needs the address of enqueue serve
// and one of its keys. Both have the same calls, results and classes of error.
// Send is safe to repeat with the same id.
//
// What it leaves to others: sending (cmd/worker), and what only operators do to
// accounts (enqueue account).
package wxdispatch
