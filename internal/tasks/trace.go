package tasks

import (
	"github.com/hibiken/asynq"

	"wxdispatch/internal/message"
)

// traceHeader is the header of a task that carries its message's trace on. It
// stands beside the payload, so equal messages stay equal.
const traceHeader = "traceparent"

// headers are a task's, nil where its message carries no trace.
func headers(m *message.Message) map[string]string {
	if !message.ValidTrace(m.Trace) {
		return nil
	}
	return map[string]string{traceHeader: m.Trace}
}

// Read is Decode of a task, whose message then carries on the trace that the
// task's headers name.
func Read(task *asynq.Task) (message.Job, error) {
	job, err := Decode(task.Payload())
	if err == nil {
		job.Message.Trace = task.Headers()[traceHeader]
	}
	return job, err
}

// jobOf is Read of a task that was looked up.
func jobOf(info *asynq.TaskInfo) (message.Job, error) {
	job, err := Decode(info.Payload)
	if err == nil {
		job.Message.Trace = info.Headers[traceHeader]
	}
	return job, err
}
