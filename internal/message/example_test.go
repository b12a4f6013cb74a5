package message_test

import (
	"fmt"
	"strings"

	"wxdispatch/internal/message"
)

func ExampleDecode() {
	_, err := message.Decode([]byte(`{"account": "mini", "kind": "wxopen", "body": {
		"touser": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "templateId": "t1", "page": "/pages/index"}}`))
	fmt.Println(strings.ReplaceAll(err.Error(), "; body", "\nbody"))
	// Output:
	// message.decode: body.templateId: unknown field; did you mean template_id?
	// body.template_id: missing; it is the template's id
	// body.page: found "/pages/index"; WeChat refuses a leading slash (41030): write "pages/index"
}

func ExampleWire() {
	m, err := message.Decode([]byte(`{"id": "order-1001", "account": "shop", "kind": "template", "body": {
		"touser": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M", "template_id": "t1", "miniprogram": {},
		"data": {"amount": {"value": "\u00a5260 <paid>"}}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	request, err := message.Wire(m.Body, message.ClientMsgID(m.ID, 1))
	fmt.Println(m.Kind.Path(), err)
	fmt.Println(string(request))
	// Output:
	// /cgi-bin/message/template/send <nil>
	// {"touser":"o6_bmjrPTlm6_2sgVt7hMZOPfL2M","template_id":"t1","data":{"amount":{"value":"¥260 <paid>"}},"client_msg_id":"order-1001"}
}

func ExampleSplit() {
	file := "{\"id\": \"a\"}\n{\n  \"id\": \"b\"\n}\n{\"id\": c}\n"
	for item, err := range message.Split(strings.NewReader(file)) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Printf("%d at line %d\n", item.Index, item.Line)
	}
	// Output:
	// 0 at line 1
	// 1 at line 2
	// message.split: line 5, column 8: is not JSON: invalid character 'c' looking for beginning of value
}
