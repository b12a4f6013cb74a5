package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the times in /proc/PID/stat: USER_HZ, which Linux keeps
// at 100 a second whatever the kernel's own.
const tick = 10 * time.Millisecond

// cpu is the processor time that a process has used, in user and kernel.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("cpu time of %s (Linux only): %w", p.name, err)
	}
	return cpuOf(text)
}

// cpuOf reads fields 14 and 15 of /proc/PID/stat (proc(5)); the second, a name
// in parentheses, may hold spaces.
func cpuOf(stat []byte) (time.Duration, error) {
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/PID/stat has %d fields behind the name; 13 are needed", len(fields))
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("/proc/PID/stat: %q and %q are no times", fields[11], fields[12])
	}
	return time.Duration(user+system) * tick, nil
}

// peakRSS is the most memory that a process has held, in bytes.
func (p *process) peakRSS() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("memory of %s (Linux only): %w", p.name, err)
	}
	return peakOf(string(text))
}

func peakOf(status string) (int64, error) {
	for line := range strings.Lines(status) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb << 10, nil
		}
	}
	return 0, fmt.Errorf("/proc/PID/status has no VmHWM")
}
