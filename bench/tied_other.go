//go:build !linux

package main

import "syscall"

// tied has no means here.
func tied() *syscall.SysProcAttr { return nil }
