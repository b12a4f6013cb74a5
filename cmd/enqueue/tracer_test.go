package main

import (
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/trace/tracetest"
)

func TestSendAndBulkBeginTraces(t *testing.T) {
	addr, c := miniredis.RunT(t).Addr(), tracetest.Start(t)
	s := newShell(t, addr)
	s.environ = append(s.environ, "WXDISPATCH_TRACES_ENDPOINT="+c.URL)
	s.run(order("one", "1")+"\n"+order("two", "1"), "send").exits(exitOK)
	s.run(bulkRows(0, 3), "bulk", "-", "--batch", "spring", "--account", "shop", "--kind", "template", "--template", "T").exits(exitOK)
	s.run("", "status", "shop", "one").exits(exitOK)
	spans := c.Spans()
	traces := map[string]bool{}
	for _, span := range spans {
		traces[span.Trace] = true
		if span.Name != "enqueue" || span.Parent != "" || span.Service != "wxdispatch-enqueue" || span.Attributes["wxdispatch.state"] != "queued" {
			t.Errorf("%+v", span)
		}
	}
	if len(spans) != 5 || len(traces) != 5 {
		t.Errorf("%d spans in %d traces", len(spans), len(traces))
	}
	client := redis.NewClient(&redis.Options{Addr: addr})
	defer client.Close()
	for _, span := range spans {
		queue := "shop.template"
		if batch := span.Attributes["wxdispatch.batch"]; batch != "" {
			queue += "." + batch
		}
		info, err := asynq.NewInspectorFromRedisClient(client).GetTaskInfo(queue, span.Attributes["wxdispatch.id"])
		if err != nil || info.Headers["traceparent"] != "00-"+span.Trace+"-"+span.ID+"-01" {
			t.Errorf("%s carries %+v, %v", span.Attributes["wxdispatch.id"], info, err)
		}
	}
	if strings.Contains(c.Text(), "oUser") {
		t.Error("a span names a user")
	}
}

func TestACollectorThatIsAwayFailsNoCommand(t *testing.T) {
	s := miniShell(t)
	s.environ = append(s.environ, "WXDISPATCH_TRACES_ENDPOINT=http://127.0.0.1:1")
	s.run(order("one", "1"), "send").exits(exitOK).says("spans were lost")
}
