package gateway

import (
	"context"

	"wxdispatch/internal/api"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
)

// door is the intake as the API knows it.
type door struct{ intake *intake.Intake }

// Take brings a message into its queue.
func (d door) Take(ctx context.Context, m *message.Message) (api.Taken, error) {
	result, err := d.intake.Take(ctx, m)
	return api.Taken(result), err
}

// directory is the registry as the API knows it: appids stay inside.
type directory struct{ registry *registry.Registry }

// List returns all accounts by name.
func (d directory) List(ctx context.Context) ([]api.Account, error) {
	all, err := d.registry.List(ctx)
	var list []api.Account
	for _, a := range all {
		list = append(list, api.Account{Name: a.Name, Type: a.Type})
	}
	return list, err
}
