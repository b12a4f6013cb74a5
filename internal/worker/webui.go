package worker

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"
)

// webUIRoot is where operators find the asynq web UI.
const webUIRoot = "/queues"

// plainClient hands asynqmon the client as it is: without the repair that is
// meant for asynq's servers, and closed by the worker, not by asynqmon.
type plainClient struct{ client redis.UniversalClient }

func (p plainClient) MakeRedisClient() any { return p.client }

// newWebUI is the asynq web UI on the worker's own client. Its bulk buttons
// call unbounded scripts, so it is read-only unless worker.ui says otherwise.
func newWebUI(client redis.UniversalClient, readOnly bool) http.Handler {
	return asynqmon.New(asynqmon.Options{
		RootPath:         webUIRoot,
		RedisConnOpt:     plainClient{client},
		ReadOnly:         readOnly,
		PayloadFormatter: asynqmon.PayloadFormatterFunc(readable),
	})
}

// readable shows a payload as the JSON it is; bytes that are no text are shown
// escaped.
func readable(_ string, payload []byte) string {
	if utf8.Valid(payload) {
		return string(payload)
	}
	return strconv.QuoteToASCII(string(payload))
}
