package wxdispatch_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

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

func ExampleNewMessage() {
	_, err := wxdispatch.NewMessage("mini", wxdispatch.Subscribe{ToUser: "oUser", TemplateID: "tpl", Page: "/pages/index", Lang: "fr"})
	var failure *wxdispatch.Error
	if errors.As(err, &failure) && failure.Class == wxdispatch.Invalid {
		for _, field := range failure.Fields {
			fmt.Println(field)
		}
	}
	// Output:
	// body.page: found "/pages/index"; WeChat refuses a leading slash (41030): write "pages/index"
	// body.lang: found "fr"; allowed are zh_CN, en_US, zh_HK, zh_TW
	// body.data: is empty; fill at least one placeholder of the template
}

// show prints what NewMessage made.
func show(m *wxdispatch.Message, err error) {
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(m.Raw))
}

func ExampleTemplate() {
	show(wxdispatch.NewMessage("shop", wxdispatch.Template{
		ToUser:     "oUser",
		TemplateID: "tpl",
		URL:        "https://shop.example.com/orders/1001",
		Data:       wxdispatch.Data{"keyword1": "已付款"},
	}, wxdispatch.ID("order-1001-paid"), wxdispatch.ExpiresAt(time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC))))
	// Output:
	// {"account":"shop","body":{"data":{"keyword1":{"value":"已付款"}},"template_id":"tpl","touser":"oUser","url":"https://shop.example.com/orders/1001"},"expires_at":"2026-11-22T20:00:00Z","id":"order-1001-paid","kind":"template"}
}

func ExampleBizsend() {
	show(wxdispatch.NewMessage("shop", wxdispatch.Bizsend{
		ToUser:      "oUser",
		TemplateID:  "tpl",
		MiniProgram: wxdispatch.MiniProgramPage{AppID: "wx0123456789abcdef", PagePath: "pages/parcel"},
		Data:        wxdispatch.Data{"thing1": "您的包裹已到自提柜"},
	}))
	// Output:
	// {"account":"shop","body":{"data":{"thing1":{"value":"您的包裹已到自提柜"}},"miniprogram":{"appid":"wx0123456789abcdef","pagepath":"pages/parcel"},"template_id":"tpl","touser":"oUser"},"kind":"bizsend"}
}

func ExampleOnetime() {
	show(wxdispatch.NewMessage("shop", wxdispatch.Onetime{
		ToUser: "oUser", TemplateID: "tpl", Scene: 1000, Title: "开售提醒", Content: "今晚 20:00 开售。",
	}, wxdispatch.Batch("spring")))
	// Output:
	// {"account":"shop","batch":"spring","body":{"data":{"content":{"value":"今晚 20:00 开售。"}},"scene":1000,"template_id":"tpl","title":"开售提醒","touser":"oUser"},"kind":"onetime"}
}

func ExampleWXOpen() {
	issued := time.Date(2026, 11, 22, 12, 0, 0, 0, time.FixedZone("UTC+8", 8*60*60))
	show(wxdispatch.NewMessage("mini", wxdispatch.WXOpen{
		ToUser: "oUser", TemplateID: "tpl", FormID: "wx221200001001",
		Data: wxdispatch.Data{"keyword1": "339208499"}, Emphasis: "keyword1.DATA",
	}, wxdispatch.PermitIssuedAt(issued), wxdispatch.Delivery(wxdispatch.AtLeastOnce)))
	// Output:
	// {"account":"mini","body":{"data":{"keyword1":{"value":"339208499"}},"emphasis_keyword":"keyword1.DATA","form_id":"wx221200001001","template_id":"tpl","touser":"oUser"},"delivery":"at_least_once","kind":"wxopen","permit_issued_at":"2026-11-22T04:00:00Z"}
}

func ExampleUniform() {
	show(wxdispatch.NewMessage("mini", wxdispatch.Uniform{
		ToUser: "oUser",
		MP: &wxdispatch.MPPart{
			AppID: "wx5e2c8a7d4f1b9036", TemplateID: "tpl",
			Data: wxdispatch.Data{"first": "抽奖结果通知"},
		},
	}))
	// Output:
	// {"account":"mini","body":{"mp_template_msg":{"appid":"wx5e2c8a7d4f1b9036","data":{"first":{"value":"抽奖结果通知"}},"template_id":"tpl"},"touser":"oUser"},"kind":"uniform"}
}

func ExampleSubscribe() {
	show(wxdispatch.NewMessage("mini", wxdispatch.Subscribe{
		ToUser: "oUser", TemplateID: "tpl", Page: "pages/orders/detail?id=1001",
		Data: wxdispatch.Data{"thing2": "现磨咖啡两杯", "amount4": "¥56.00"},
	}, wxdispatch.ID("order-1001-ready"), wxdispatch.Force()))
	// Output:
	// {"account":"mini","body":{"data":{"amount4":{"value":"¥56.00"},"thing2":{"value":"现磨咖啡两杯"}},"page":"pages/orders/detail?id=1001","template_id":"tpl","touser":"oUser"},"force":true,"id":"order-1001-ready","kind":"subscribe"}
}

func ExampleClient_SendAll() {
	server, err := miniredis.Run() // stands in for the workers' Redis
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	connection := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer connection.Close()
	client, err := wxdispatch.New(wxdispatch.Redis(connection,
		wxdispatch.WithAccounts(wxdispatch.Account{Name: "shop", Type: wxdispatch.Official})))
	if err != nil {
		log.Fatal(err)
	}

	// Rows may come from a database, as many as there are: they are read only as
	// fast as they are handed over.
	reminders := func(yield func(*wxdispatch.Message) bool) {
		for order := range 2500 {
			m, err := wxdispatch.NewMessage("shop", wxdispatch.Template{
				ToUser: fmt.Sprintf("oUser%d", order), TemplateID: "tpl", Data: wxdispatch.Data{"keyword1": "待付款"},
			}, wxdispatch.ID(fmt.Sprintf("order-%d-unpaid", order)))
			if err != nil {
				log.Print(err)
				continue
			}
			if !yield(m) {
				return
			}
		}
	}
	taken, refused := 0, 0
	for result, err := range client.SendAll(context.Background(), reminders) {
		var failure *wxdispatch.Error
		switch {
		case err == nil:
			taken++
		case errors.As(err, &failure) && failure.Class == wxdispatch.Unavailable:
			log.Fatalf("%v; repeat the run, what is known is not sent again", err)
		default:
			fmt.Println(result.ID, err)
			refused++
		}
	}
	fmt.Println(taken, "taken,", refused, "refused")
	// Output: 2500 taken, 0 refused
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
