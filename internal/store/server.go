package store

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Teller answers questions about itself, as a server does. Both block until ctx
// ends at most.
type Teller interface {
	// Info returns what INFO says, by field.
	Info(ctx context.Context) (map[string]string, error)
	// Setting returns a setting of the configuration, "" where there is none of
	// that name; managed Redis often refuses that.
	Setting(ctx context.Context, name string) (string, error)
}

// Server is one server, asked through a client that stays the caller's to close.
type Server struct{ Client redis.UniversalClient }

// Info returns what INFO says, by field.
func (s Server) Info(ctx context.Context) (map[string]string, error) {
	text, err := s.Client.Info(ctx).Result()
	return parseInfo(text), err
}

// Setting returns a setting of the server's configuration.
func (s Server) Setting(ctx context.Context, name string) (string, error) {
	found, err := s.Client.ConfigGet(ctx, name).Result()
	return found[name], err
}

// parseInfo reads INFO's lines field:value; others are headings.
func parseInfo(text string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && !strings.HasPrefix(name, "#") {
			fields[name] = value
		}
	}
	return fields
}
