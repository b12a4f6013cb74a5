// Package wxdispatch is the client that Go apps import to hand WeChat messages
// over to wxdispatch's workers.
//
// An app writes a message as JSON (the same that the enqueue command and the
// HTTP API take), reads it with Decode, hands it over with Client.Send and may
// ask later with Client.Status. It needs the workers' Redis and nothing else:
// no appid, no secret. Send is safe to repeat with the same id.
package wxdispatch
