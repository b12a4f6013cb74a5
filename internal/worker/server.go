package worker

import (
	"context"
	"log/slog"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/lane"
	"wxdispatch/internal/store"
)

// server is an asynq server of a lane, which leaves nothing that it took from
// the queue and did not begin.
type server struct {
	*asynq.Server
	redis *store.Gated
	log   *slog.Logger
}

// newServer makes an asynq server that asks there before it takes a task.
func (a *account) newServer(e lane.Entrance, c asynq.Config) lane.Server {
	client := store.NewGated(a.asynq, e)
	return &server{asynq.NewServerFromRedisClient(client, c), client, a.ground.log}
}

// Stop takes nothing new. It is the last time that the server asks for a task.
func (s *server) Stop() {
	s.Server.Stop()
	if err := s.redis.PutBack(context.Background()); err != nil {
		s.log.Warn("tasks that were taken and not begun wait for the end of asynq's lease", slog.Any("error", err))
	}
}
