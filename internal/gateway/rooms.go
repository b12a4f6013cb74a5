package gateway

import (
	"context"

	"wxdispatch/internal/api"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
)

// door is the intake as the API knows it.
type door struct{ intake *intake.Intake }

// Take brings a message into its queue.
func (d door) Take(ctx context.Context, m *message.Message) (api.Taken, error) {
	result, err := d.intake.Take(ctx, m)
	return api.Taken(result), err
}

// pool is the user's permits as the API knows them.
type pool struct{ intake.Pool }

// Add takes a permit in.
func (p pool) Add(ctx context.Context, account string, g permit.Grant) (api.Granted, error) {
	granted, err := p.Pool.Add(ctx, account, g)
	return api.Granted(granted), err
}

// Remove takes a permit back.
func (p pool) Remove(ctx context.Context, account string, g permit.Grant) (api.Removed, error) {
	removed, err := p.Pool.Remove(ctx, account, g)
	return api.Removed(removed), err
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
