package main

import (
	"os"
	"runtime/pprof"
)

// profile is a processor profile that is being written; nil: none is.
type profile struct{ file *os.File }

// startProfile begins one into a file that go tool pprof reads.
func startProfile(path string) (*profile, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &profile{file}, pprof.StartCPUProfile(file)
}

func (p *profile) stop() error {
	if p == nil {
		return nil
	}
	pprof.StopCPUProfile()
	return p.file.Close()
}
