package chaos_test

import (
	"flag"
	"testing"
	"time"

	"github.com/redis/go-redis/v9/logging"
	"go.uber.org/goleak"
)

var (
	messages = flag.Int("chaos.messages", 2000, "how many messages")
	seed     = flag.Uint64("chaos.seed", 0, "of messages and schedule; 0: another one each time")
	howLong  = flag.Duration("chaos.for", 18*time.Second, "for how long things go wrong")
	patience = flag.Duration("chaos.patience", 4*time.Minute, "how long after the last fault every message may take to end")
	logLevel = flag.String("chaos.log", "info", "the workers' log.level")
	keepLogs = flag.Bool("chaos.keep", false, "keep the logs when all went well, too")
)

func TestMain(m *testing.M) {
	logging.Disable() // what go-redis would say of every connection that is cut
	goleak.VerifyTestMain(m)
}

// theSeed is the one that was asked for, or one from the clock.
func theSeed() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano()) % 1_000_000
}
