package main

import (
	"bufio"
	"os"
)

// objectLines is about how many objects a file holds, for a progress to have an
// end: the lines that begin with {, as each of NDJSON does. 0: not known, as of
// what can be read once only.
func objectLines(name string) (n int) {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return 0
	}
	file, err := os.Open(name)
	if err != nil {
		return 0
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 64<<10)
	for inside := false; ; {
		part, more, err := in.ReadLine()
		if err != nil {
			return n
		}
		if !inside && len(part) > 0 && part[0] == '{' {
			n++
		}
		inside = more
	}
}
