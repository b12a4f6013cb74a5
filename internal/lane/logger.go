package lane

import (
	"fmt"
	"log/slog"
)

// logger hands asynq's own lines to slog. Its warnings speak of retries that
// are exhausted where a message simply ended, so they are told as debug; Fatal
// ends nothing: a lane must not take the process down.
type logger struct{ log *slog.Logger }

func (l logger) Debug(args ...any) { l.log.Debug(text(args), slog.String("from", "asynq")) }
func (l logger) Info(args ...any)  { l.log.Debug(text(args), slog.String("from", "asynq")) }
func (l logger) Warn(args ...any)  { l.log.Debug(text(args), slog.String("from", "asynq")) }
func (l logger) Error(args ...any) { l.log.Error(text(args), slog.String("from", "asynq")) }
func (l logger) Fatal(args ...any) { l.log.Error(text(args), slog.String("from", "asynq")) }

func text(args []any) string { return fmt.Sprint(args...) }
