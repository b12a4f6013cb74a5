//go:build !linux

package chaos_test

import "syscall"

// tied has no means here: the test's own deadline must do.
func tied() *syscall.SysProcAttr { return nil }
