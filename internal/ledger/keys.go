package ledger

import (
	"hash/crc32"
	"strconv"
	"time"

	"wxdispatch/internal/message/keys"
)

// Shards is how many hashes a slice of an index has: with a million messages
// in a slice each still is a small listpack (hash-max-listpack-entries 128 at
// about 122 entries).
const Shards = 8192

// accountKeys are the keys that all messages of an account share, in the order
// of lua/words.lua.
func accountKeys(account string) []string {
	return []string{
		keys.Sending(account), keys.Waiting(account), keys.Doubts(account), keys.Ends(account),
		keys.Events(account), keys.Park(account), keys.Reserved(account), keys.Quota(account), keys.Log(account),
		keys.TemplateParks(account), keys.Unmatched(account), keys.Returned(account),
	}
}

// messageKeys are a message's own, in the same order; settle adds one.
func messageKeys(account, id, openid, index, batch string) []string {
	return append(make([]string, 0, 8),
		keys.Record(account, id), index, keys.Payload(account, id),
		keys.Permits(account, openid), keys.Consents(account, openid), keys.Batch(account, batch),
		keys.Suppressions(account, openid))
}

// userKeys are those of a decision that is about a user and no message.
func userKeys(account, openid string) []string {
	return messageKeys(account, "", openid, keys.Record(account, ""), "")
}

// openIDIndex is where the messages of an openid that were taken on the day of
// created are found: a hash id → openid, shared with a few other openids.
func openIDIndex(account, openid string, created time.Time) string {
	return keys.OpenIDs(account, created.UTC().Format("20060102"), shard(openid))
}

// msgIDIndex is where a msgid that WeChat gave in the hour of at is found: a
// hash msgid → id, shared with a few others.
func msgIDIndex(account, msgid string, at time.Time) string {
	return keys.MsgIDs(account, at.UTC().Format("2006010215"), shard(msgid))
}

func shard(text string) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(text))%Shards), 36)
}
