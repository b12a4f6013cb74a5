package chaos_test

import "syscall"

// tied makes a process end with the test's, however that one ends.
func tied() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
