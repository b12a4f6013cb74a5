package tasks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Version is the version of the payload that this program writes. Older
// workers archive newer payloads instead of misreading them.
const Version = 1

type payload struct {
	Version int             `json:"v"`
	Created int64           `json:"created_ms"`
	Digest  string          `json:"digest"`
	Message json.RawMessage `json:"message"`
}

// Encode writes a task's payload: readable JSON, so that operators see in the
// web UI what waits. The message must have its id.
func Encode(job message.Job) ([]byte, error) {
	m := job.Message
	if len(m.Raw) == 0 || m.Raw[0] != '{' || strings.ContainsAny(m.Digest, "\"\\") {
		return nil, &fault.Error{Op: "tasks.encode", Class: fault.Caller, Message: "the message was not decoded; only message.Decode makes messages"}
	}
	// Raw is JSON already, and the largest part by far.
	data := make([]byte, 0, len(m.Raw)+len(m.Digest)+80)
	data = append(data, `{"v":`...)
	data = strconv.AppendInt(data, Version, 10)
	data = append(data, `,"created_ms":`...)
	data = strconv.AppendInt(data, job.Created.UnixMilli(), 10)
	data = append(append(append(data, `,"digest":"`...), m.Digest...), `","message":`...)
	return append(append(data, m.Raw...), '}'), nil
}

// Decode reads a task's payload. Any error is class Invalid and final: the
// same bytes will not read better later.
func Decode(data []byte) (message.Job, error) {
	p, ours := takeApart(data)
	if !ours {
		if err := json.Unmarshal(data, &p); err != nil {
			return message.Job{}, refuse("the payload is no JSON of ours: " + err.Error())
		}
	}
	if p.Version != Version {
		return message.Job{}, refuse(fmt.Sprintf("the payload has version %d, this worker reads %d: update the workers before the producers", p.Version, Version))
	}
	m, err := message.Decode(p.Message)
	if err != nil {
		return message.Job{}, fmt.Errorf("tasks.decode: %w", err)
	}
	if m.ID == "" {
		return message.Job{}, refuse("the message has no id")
	}
	if p.Created <= 0 {
		return message.Job{}, refuse("created_ms is missing: it tells when the message was taken")
	}
	if p.Digest != m.Digest {
		return message.Job{}, refuse("the digest does not belong to the message: the payload was changed in the queue")
	}
	return message.Job{Message: m, Created: time.UnixMilli(p.Created)}, nil
}

// takeApart reads a payload that stands as Encode writes it, without reading the
// message, which message.Decode does; false for any other JSON.
func takeApart(data []byte) (p payload, ok bool) {
	version, rest, ok := between(data, `{"v":`, `,"created_ms":`)
	if !ok {
		return payload{}, false
	}
	created, rest, ok := between(rest, "", `,"digest":"`)
	if !ok {
		return payload{}, false
	}
	digest, rest, ok := between(rest, "", `","message":`)
	if !ok || len(rest) == 0 || rest[len(rest)-1] != '}' || bytes.ContainsAny(digest, `"\`) {
		return payload{}, false
	}
	v, bad := strconv.Atoi(string(version))
	ms, worse := strconv.ParseInt(string(created), 10, 64)
	if bad != nil || worse != nil {
		return payload{}, false
	}
	return payload{v, ms, string(digest), rest[:len(rest)-1]}, true
}

// between returns what stands between two words at the beginning of data, and
// what follows.
func between(data []byte, from, to string) (part, rest []byte, ok bool) {
	if data, ok = bytes.CutPrefix(data, []byte(from)); !ok {
		return nil, nil, false
	}
	return bytes.Cut(data, []byte(to))
}

// digestOf is the digest that a payload of ours tells, or "".
func digestOf(data []byte) string {
	p, ours := takeApart(data)
	if !ours && json.Unmarshal(data, &p) != nil || p.Version != Version {
		return ""
	}
	return p.Digest
}

func refuse(words string) error {
	return &fault.Error{Op: "tasks.decode", Class: fault.Invalid, Message: words}
}
