package bulk_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/bulk"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/tasks"
)

// rowsOfBench is how many template messages the file has.
const rowsOfBench = 200_000

func benchRow(n int) []byte {
	return fmt.Appendf(nil, `{"touser":"oBench%022d","template_id":"ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY","url":"https://shop.example/orders/%d","data":{"first":{"value":"您的订单已发货"},"keyword1":{"value":"SF%012d"},"remark":{"value":"点击查看物流"}}}`, n, n, n)
}

// BenchmarkFileAndEnqueue loads 200,000 rows from NDJSON, and enqueues as many
// ready made payloads with asynq.Client.Enqueue from 8 goroutines, into the same
// Redis: rows/s of both, and how many times faster the file is. Go runs it once.
func BenchmarkFileAndEnqueue(b *testing.B) {
	client := redis.NewClient(&redis.Options{Addr: redistest.Server(b)})
	defer client.Close()
	var file bytes.Buffer
	for n := range rowsOfBench {
		file.Write(benchRow(n))
		file.WriteByte('\n')
	}
	defer debug.SetGCPercent(debug.SetGCPercent(150)) // as the command does, for both
	for b.Loop() {
		flush(b, client)
		enqueue, enqueueCPU := rate(b, client, enqueueAll(b, client))
		flush(b, client)
		loaded, loadedCPU := rate(b, client, func() { loadAll(b, client, file.Bytes()) })
		b.ReportMetric(enqueue, "enqueue_rows/s")
		b.ReportMetric(loaded, "bulk_rows/s")
		b.ReportMetric(loaded/enqueue, "times")
		b.ReportMetric(enqueueCPU, "enqueue_cpu_µs/row")
		b.ReportMetric(loadedCPU, "bulk_cpu_µs/row")
	}
}

// rate is the rows a second, and the processor time that a row costs here and in
// Redis, which a busy machine changes less.
func rate(b *testing.B, client *redis.Client, do func()) (perSecond, cpu float64) {
	start, used := time.Now(), busy(b, client)
	do()
	return rowsOfBench / time.Since(start).Seconds(), float64((busy(b, client) - used).Microseconds()) / rowsOfBench
}

func busy(b *testing.B, client *redis.Client) time.Duration {
	var here syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &here); err != nil {
		b.Fatal(err)
	}
	total := time.Duration(here.Utime.Nano() + here.Stime.Nano())
	for line := range strings.Lines(client.Info(b.Context(), "cpu").Val()) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name == "used_cpu_sys" || name == "used_cpu_user" {
			seconds, _ := strconv.ParseFloat(value, 64)
			total += time.Duration(seconds * float64(time.Second))
		}
	}
	return total
}

func flush(b *testing.B, client *redis.Client) {
	if err := client.FlushAll(b.Context()).Err(); err != nil {
		b.Fatal(err)
	}
}

// enqueueAll is what the file is measured against.
func enqueueAll(b *testing.B, client *redis.Client) func() {
	payloads, ids := make([][]byte, rowsOfBench), make([]string, rowsOfBench)
	for n := range payloads {
		m, err := message.Completion{Account: "shop", Kind: message.Template, Batch: "spring"}.Decode(benchRow(n))
		if err == nil {
			m, err = m.WithID(fmt.Sprintf("row-%018d", n))
		}
		if err != nil {
			b.Fatal(err)
		}
		if payloads[n], err = tasks.Encode(message.Job{Message: m, Created: time.Now()}); err != nil {
			b.Fatal(err)
		}
		ids[n] = m.ID
	}
	into := asynq.NewClientFromRedisClient(client)
	return func() {
		var hands sync.WaitGroup
		for hand := range 8 {
			hands.Go(func() {
				for n := hand; n < rowsOfBench; n += 8 {
					if _, err := into.Enqueue(asynq.NewTask("wechat:template", payloads[n]), asynq.TaskID(ids[n]), asynq.Queue("shop.template.spring")); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		hands.Wait()
	}
}

func loadAll(b *testing.B, client *redis.Client, file []byte) {
	l := bulk.Load{Taker: newIntake(client), Completion: message.Completion{Account: "shop", Kind: message.Template, Batch: "spring"}}
	reader, err := bulk.Open(bytes.NewReader(file), bulk.Layout{Completion: l.Completion})
	if err != nil {
		b.Fatal(err)
	}
	done, err := l.Run(b.Context(), reader, &bulk.Refused{Path: filepath.Join(b.TempDir(), "refused.csv"), Header: reader.Header()})
	if err != nil || done.Taken != rowsOfBench {
		b.Fatalf("%+v, %v", done, err)
	}
}

func newIntake(client redis.UniversalClient) *intake.Intake {
	book, queue := ledger.New(client), tasks.NewQueue(client)
	accounts := registry.New(client, registry.Account{Name: "shop", Type: message.Official}, registry.Account{Name: "mini", Type: message.MiniProgram})
	return &intake.Intake{Accounts: accounts, Book: book, Permits: book, Queue: queue, Asks: book, Puts: queue,
		Opener: intake.NewOpener(book, "bulk"), Now: time.Now, NewID: intake.ULID, MaxAge: time.Hour, Keep: time.Hour}
}
