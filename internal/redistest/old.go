package redistest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// Old is a private redis-server that says it is of version 5.
func Old(t testing.TB) string {
	t.Helper()
	addr := Server(t)
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := door.Accept()
			if err != nil {
				return
			}
			all.Go(func() { pretend(conn, addr) })
		}
	})
	t.Cleanup(func() { _ = door.Close(); all.Wait() })
	return door.Addr().String()
}

// pretend passes a connection on, and changes what the server says of itself. It
// ends with either side.
func pretend(client net.Conn, addr string) {
	defer client.Close()
	server, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
	for lines := bufio.NewReader(server); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		if major := []byte("redis_version:"); bytes.HasPrefix(line, major) {
			line[len(major)] = '5' // no byte more or less: its length was told
		}
		if _, err := client.Write(line); err != nil {
			return
		}
	}
}
