package wxdispatch_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch"
)

func Example() {
	server, err := miniredis.Run() // stands in for the workers' Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	connection := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	defer connection.Close()

	// Workers announce their accounts; naming one here lets the app start first.
	client, err := wxdispatch.New(wxdispatch.Redis(connection,
		wxdispatch.WithAccounts(wxdispatch.Account{Name: "shop", Type: wxdispatch.Official})))
	if err != nil {
		log.Fatal(err)
	}
	m, err := wxdispatch.NewMessage("shop", wxdispatch.Template{
		ToUser:     "oUser",
		TemplateID: "tpl",
		URL:        "https://shop.example.com/orders/1001",
		Data:       wxdispatch.Data{"keyword1": "已付款", "keyword2": "¥260.00"},
	}, wxdispatch.ID("order-1001-paid"))
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		result, err := client.Send(context.Background(), m)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.ID, result.State, "duplicate:", result.Duplicate)
	}
	record, err := client.Status(context.Background(), "shop", "order-1001-paid")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(record.Kind, "to", record.OpenID, "is", record.State)
	// Output:
	// order-1001-paid queued duplicate: false
	// order-1001-paid queued duplicate: true
	// template to oUser is queued
}

func ExampleDecode() {
	_, err := wxdispatch.Decode([]byte(`{"account": "shop", "kind": "template", "body": {"toUser": "o1", "template_id": "t", "data": {"k": {"value": 1}}}}`))
	var failure *wxdispatch.Error
	if errors.As(err, &failure) && failure.Class == wxdispatch.Invalid {
		for _, field := range failure.Fields {
			fmt.Println(field)
		}
	}
	// Output:
	// body.toUser: unknown field; did you mean touser?
	// body.touser: missing; it is the user's openid
}

func ExampleClient_Send_refused() {
	server, err := miniredis.Run()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	connection := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer connection.Close()
	client, err := wxdispatch.New(wxdispatch.Redis(connection,
		wxdispatch.WithAccounts(wxdispatch.Account{Name: "mini", Type: wxdispatch.MiniProgram})))
	if err != nil {
		log.Fatal(err)
	}
	m, err := wxdispatch.NewMessage("mini", wxdispatch.WXOpen{ToUser: "o1", TemplateID: "t"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Send(context.Background(), m)
	var failure *wxdispatch.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Class)
	}
	// Output: unpermitted
}

func ExampleClient_AddPermit() {
	server, err := miniredis.Run()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	connection := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer connection.Close()
	client, err := wxdispatch.New(wxdispatch.Redis(connection,
		wxdispatch.WithAccounts(wxdispatch.Account{Name: "mini", Type: wxdispatch.MiniProgram})))
	if err != nil {
		log.Fatal(err)
	}

	// As the app has them: a package of a payment, given twice; two answers to
	// wx.requestSubscribeMessage; and what the developer tools hand out.
	results, err := client.AddPermits(context.Background(), "mini", []wxdispatch.Grant{
		{OpenID: "oUser", Code: "prepay_id=wx221200001001"},
		{OpenID: "oUser", Code: "wx221200001001"},
		{OpenID: "oUser", Type: wxdispatch.ConsentPermit, Template: "tpl", Code: "order-1001"},
		{OpenID: "oUser", Type: wxdispatch.ConsentPermit, Template: "tpl", Code: "order-1002"},
		{OpenID: "oUser", Code: "the formId is a mock one"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results {
		fmt.Println(r.Type, "left:", r.Left, "known:", r.Known, "refused:", r.Err != nil)
	}
	standing, err := client.Permits(context.Background(), "mini", "oUser")
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range standing {
		fmt.Println(s.Left, "of", s.Type, s.Code+s.Template)
	}
	// Output:
	// payment left: 3 known: false refused: false
	// payment left: 3 known: true refused: false
	// consent left: 1 known: false refused: false
	// consent left: 2 known: false refused: false
	// form left: 0 known: false refused: true
	// 3 of payment wx221200001001
	// 2 of consent tpl
}
