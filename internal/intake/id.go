package intake

import "github.com/oklog/ulid/v2"

// ULID makes an id for a message that has none: 26 letters and digits that
// sort by time, so that WeChat takes it as client_msg_id as it is. It is safe
// for concurrent use.
func ULID() string { return ulid.Make().String() }
