package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wxdispatch/internal/redistest"
)

// apart is how far apart the posts of BenchmarkServe are: 2,000 a second.
const apart = 500 * time.Microsecond

// BenchmarkServe posts messages, 2,000 a second whatever the answers take, to an
// enqueue serve of its own process with a redis-server on the same machine, and
// tells how long answers took. Times count from when a post was due, so one that
// had to wait for its turn is not told shorter than it was; sent-p99 counts from
// when it was sent.
//
//	go test ./cmd/enqueue -run '^$' -bench Serve -benchtime 40000x
func BenchmarkServe(b *testing.B) {
	url := serveProcess(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for i := range 500 { // connections, scripts and caches
		post(b, client, url, fmt.Sprintf("warm-%d", i))
	}
	waited, took := make([]time.Duration, b.N), make([]time.Duration, b.N)
	var next atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	start := time.Now().Add(10 * time.Millisecond)
	for range 64 {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				due := start.Add(time.Duration(i) * apart)
				time.Sleep(time.Until(due))
				sent := time.Now()
				post(b, client, url, fmt.Sprintf("m-%d", i))
				waited[i], took[i] = time.Since(due), time.Since(sent)
			}
		})
	}
	group.Wait()
	b.StopTimer()
	slices.Sort(waited)
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "posts/s")
	for name, times := range map[string][]time.Duration{"": waited, "sent-": took} {
		b.ReportMetric(upTo(times, 0.5), name+"p50-ms")
		b.ReportMetric(upTo(times, 0.99), name+"p99-ms")
		b.ReportMetric(upTo(times, 1), name+"max-ms")
	}
}

// upTo is what so many of sorted times do not exceed, in milliseconds.
func upTo(times []time.Duration, of float64) float64 {
	at := min(int(of*float64(len(times))), len(times)-1)
	return float64(times[at]) / float64(time.Millisecond)
}

func post(b *testing.B, client *http.Client, url, id string) {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url+"/api/v1/messages", strings.NewReader(
		`{"id":"`+id+`","account":"shop","kind":"template","body":{"touser":"o`+id+`","template_id":"ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY",`+
			`"url":"https://shop.example/orders/1001","data":{"first":{"value":"Paid"},"keyword1":{"value":"1001"},"keyword2":{"value":"39.80"},"remark":{"value":"Thank you"}}}}`))
	if err != nil {
		b.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+serveKey)
	answer, err := client.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted {
		b.Errorf("%s: status %d", id, answer.StatusCode)
	}
}

// serveProcess builds enqueue, starts enqueue serve over a redis-server and
// returns where it serves. Its log, a line a call, goes nowhere but for the
// first lines.
func serveProcess(b *testing.B) (url string) {
	b.Helper()
	dir := b.TempDir()
	binary := filepath.Join(dir, "enqueue")
	if text, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, text)
	}
	ctx, stop := context.WithCancel(context.Background())
	serve := exec.CommandContext(ctx, binary, "serve")
	serve.Dir, serve.Env = dir, append(os.Environ(), serveEnv(redistest.Server(b))...)
	serve.Cancel = func() error { return serve.Process.Signal(os.Interrupt) }
	stderr, err := serve.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		b.Fatal(err)
	}
	drained := make(chan struct{})
	b.Cleanup(func() {
		stop()
		<-drained
		_ = serve.Wait()
	})
	log := json.NewDecoder(stderr)
	for url == "" {
		var line struct{ URL string }
		if err := log.Decode(&line); err != nil {
			b.Fatal(err)
		}
		url = line.URL
	}
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, stderr) // so that it never waits for its log
	}()
	return url
}
