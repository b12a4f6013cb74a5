package main

import (
	"context"
)

func latencies(ctx context.Context, set settings, r *report) error { return nil }
