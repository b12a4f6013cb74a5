// Package keys names everything of ours that stands in Redis, and the fields
// of what stands there, so that no two rooms spell them differently.
//
// Its promise: all keys of an account carry its hash tag, wxd:{account}:…, so
// they share one cluster slot and one script may touch any of them. Which
// script changes what is the ledger's business.
package keys

import "wxdispatch/internal/message"

// Accounts is the hash of all accounts that workers have announced: name →
// JSON of type and appid. It is the one key without a hash tag; no script
// touches it together with others.
const Accounts = "wxd:accounts"

func of(account, rest string) string { return "wxd:{" + account + "}:" + rest }

// Record is the hash of one message's record.
func Record(account, id string) string { return of(account, "m:"+id) }

// Sending is the sorted set of ids that a run holds, scored by sending_until
// in milliseconds.
func Sending(account string) string { return of(account, "sending") }

// Ends is the sorted set of ids that ended badly, scored by the time of their
// end in milliseconds.
func Ends(account string) string { return of(account, "ends") }

// Waiting is the sorted set of ids that were put off, scored by when they are
// due in milliseconds.
func Waiting(account string) string { return of(account, "waiting") }

// Doubts is the sorted set of ids that are in doubt, scored by since when in
// milliseconds.
func Doubts(account string) string { return of(account, "doubts") }

// MsgIDs is one shard of the index of an hour's msgids: a hash msgid → id.
func MsgIDs(account, hour, shard string) string { return of(account, "g:"+hour+":"+shard) }

// OpenIDs is one shard of the index of a day's messages by openid: a hash id →
// openid.
func OpenIDs(account, day, shard string) string { return of(account, "u:"+day+":"+shard) }

// Payload is the message of a bad end, as the app gave it, for replay.
func Payload(account, id string) string { return of(account, "p:"+id) }

// Permits is the sorted set of a user's forms and payments: code → score, which
// holds end, type and uses left (lua/permits.lua).
func Permits(account, openid string) string { return of(account, "f:"+openid) }

// Consents is the hash of a user's subscription consents: template → count.
func Consents(account, openid string) string { return of(account, "k:"+openid) }

// Reserved is the sorted set of ids that intake took and no run has begun,
// scored by when someone looks after them, in milliseconds.
func Reserved(account string) string { return of(account, "reserved") }

// Events is the stream of final states and receipts.
func Events(account string) string { return of(account, "events") }

// Quota is the hash of the day's calls that WeChat may have counted: kind → "day
// used".
func Quota(account string) string { return of(account, "quota") }

// Set is the hash of what an operator set over the configuration (quota:KIND →
// "most until", 0: no end), and how often quotas were cleared (clears:MONTH).
func Set(account string) string { return of(account, "set") }

// Log is the list of what was done to the account, newest first, as JSON.
func Log(account string) string { return of(account, "log") }

// Park is the hash of what stops, by kind or * for all kinds; its fields are
// told in lua/parks.lua.
func Park(account string) string { return of(account, "park") }

// Returned is the sorted set of the runs that gave back before their begin
// arrived, scored by until when that counts, in milliseconds.
func Returned(account string) string { return of(account, "returned") }

// Claim is held by whoever does a piece of the account's housekeeping.
func Claim(account, what string) string { return of(account, "claim:"+what) }

// Token is the hash of the account's access_token and of the last trouble with
// it. What changed it is told on the channel of the same name, without words.
func Token(account string) string { return of(account, "token") }

// TokenLock is held by whoever fetches the account's next access_token.
func TokenLock(account string) string { return of(account, "token:lock") }

// Batches is the sorted set of an account's batches, scored by when they were
// made, in milliseconds.
func Batches(account string) string { return of(account, "batches") }

// Batch is the hash of one batch: its state, what brought it, and how many of
// its messages ended how (lua/batch_open.lua).
func Batch(account, name string) string { return of(account, "b:"+name) }

// BatchPace is the hash of the pace of a batch that is sent slower than its
// account, as Pace.
func BatchPace(account, name string) string { return of(account, "bp:"+name) }

// Queue is the asynq queue of a lane: ACCOUNT.KIND, or ACCOUNT.KIND.BATCH. asynq
// makes a hash tag of it, a slot of its own.
func Queue(l message.Lane) string {
	queue := l.Account + "." + string(l.Kind)
	if l.Batch != "" {
		queue += "." + l.Batch
	}
	return queue
}

// TaskType is the asynq task type of a kind.
func TaskType(kind message.Kind) string { return "wechat:" + string(kind) }

// Pushes is the stream of WeChat's pushes that were answered and not worked on
// yet.
func Pushes(account string) string { return of(account, "pushes") }

// Seen is the hash of the pushes that were signed in a minute: nonce → what
// their bodies were.
func Seen(account, minute string) string { return of(account, "seen:"+minute) }

// Early is a receipt whose message is not known yet.
func Early(account, msgid string) string { return of(account, "early:"+msgid) }

// Trace is where the trace of a call goes on when WeChat's word on its msgid
// comes: a traceparent. It is there only while traces are on.
func Trace(account, msgid string) string { return of(account, "t:"+msgid) }

// Unmatched is the sorted set of msgids of receipts that no settle has claimed,
// scored by when a doubt may be looked for, in milliseconds.
func Unmatched(account string) string { return of(account, "unmatched") }

// Suppressions is the hash of what a user wants no more: a template, or * for
// everything → until and who said so.
func Suppressions(account, openid string) string { return of(account, "s:"+openid) }

// Told is how far in the events the account's webhook was told.
func Told(account string) string { return of(account, "told") }

// WebhookQueue is the asynq queue of the posts to an account's webhook.
func WebhookQueue(account string) string { return account + ".events" }

// WebhookTask is the asynq task type of such a post.
const WebhookTask = "webhook"

// ReceiptCounts is the hash of what receipts said in a slice of time.
func ReceiptCounts(account, slice string) string { return of(account, "rc:"+slice) }

// Pace is the hash of an account's pace: where its line of slots is leased to,
// the rate in force, an operator's override, and what each worker's
// configuration says (internal/pace/lua/lease.lua).
func Pace(account string) string { return of(account, "pace") }

// Templates is the hash of the account's templates as WeChat last listed them:
// list and id → JSON.
func Templates(account string) string { return of(account, "templates") }

// TemplateLists is the hash of when those lists were read (read:LIST), why not
// (trouble:LIST), last tried and last asked for.
func TemplateLists(account string) string { return of(account, "templates:lists") }

// TemplateParks is the hash of templates that take nothing: id → "since JSON";
// and ok:ID → when WeChat last accepted a message of one, ms.
func TemplateParks(account string) string { return of(account, "templates:parked") }
