package wxdispatch_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch"
	"wxdispatch/internal/gateway"
)

// enqueueServe runs the HTTP API over a Redis of its own.
func enqueueServe() (base, key string, stop func()) {
	server, err := miniredis.Run()
	if err != nil {
		log.Fatal(err)
	}
	connection := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer connection.Close()
	g, err := gateway.New(settings(connection), slog.New(slog.DiscardHandler))
	if err == nil {
		err = g.Start(context.Background())
	}
	if err != nil {
		log.Fatal(err)
	}
	return g.URL(), secretKey, func() { _ = g.Stop(); server.Close() }
}

func ExampleHTTP() {
	base, key, stop := enqueueServe() // as https://wxdispatch.example.com and a key of api.keys
	defer stop()
	client, err := wxdispatch.New(wxdispatch.HTTP(base, key))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	m, err := wxdispatch.NewMessage("shop", wxdispatch.Template{
		ToUser: "oUser", TemplateID: "tpl", Data: wxdispatch.Data{"keyword1": "已付款"},
	}, wxdispatch.ID("order-1001-paid"))
	if err != nil {
		log.Fatal(err)
	}
	result, err := client.Send(context.Background(), m)
	var failure *wxdispatch.Error
	switch {
	case err == nil:
		fmt.Println(result.ID, result.State)
	case errors.As(err, &failure) && failure.Class == wxdispatch.Unavailable:
		fmt.Println("send again in", failure.RetryAfter, "with the id", result.ID)
	default:
		fmt.Println("refused:", err)
	}
	record, err := client.Status(context.Background(), "shop", "order-1001-paid")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.Kind, "to", record.OpenID, "is", record.State)
	// Output:
	// order-1001-paid queued
	// template to oUser is queued
}
