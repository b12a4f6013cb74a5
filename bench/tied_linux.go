package main

import "syscall"

// tied makes a process end with this one, however that ends, and keeps a
// terminal's interrupt from it: this one ends it.
func tied() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
