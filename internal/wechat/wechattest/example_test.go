package wechattest_test

import (
	"fmt"
	"net/http"
	"strings"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// A message is delivered, and its answer lost: the stand-in knows better than
// the client.
func Example() {
	wechat, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wxa", Secret: "s", Type: message.Official}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer wechat.Close()
	wechat.Inject(wechattest.Fault{Mode: wechattest.ModeHTTP, Status: 502, Counted: true, Times: 1})

	url := wechat.URL + message.Template.Path() + "?access_token=" + wechat.Token("wxa")
	body := `{"touser":"oA","template_id":"T","data":{"keyword1":{"value":"1"}},"client_msg_id":"m1"}`
	for range 2 {
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := client.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		res.Body.Close()
		fmt.Println(res.StatusCode, len(wechat.Deliveries()))
	}
	fmt.Println(wechat.Delivered()[wechattest.ContentKey([]byte(body))], "ring,", wechat.Stats().Repeats, "repeat")
	// Output:
	// 502 1
	// 200 1
	// 1 ring, 1 repeat
}
