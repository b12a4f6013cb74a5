// Package examples holds one message of each kind, as files that `enqueue
// send` takes, and hands them to the demo and to tests.
package examples

import "embed"

// Files are the examples, each one message as JSON.
//
//go:embed *.json
var Files embed.FS
