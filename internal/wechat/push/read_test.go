package push

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func receipt(openid string, created int64, msgid, status string) Push {
	return Push{Type: TemplateFinished, OpenID: openid, Created: time.Unix(created, 0), Receipt: &Receipt{msgid, status}}
}

func TestRealPushesAreRead(t *testing.T) {
	const user = "oia2TjuEGTNoeX76QEjQNrcURxG8"
	change := Push{Type: ConsentChanged, OpenID: "otFpruAK8D-E6EfStSYonYSBZ8_4", Created: time.Unix(1610969440, 0),
		Consents: []Consent{{Template: "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", Status: "reject"}}}
	tests := map[string]Push{
		"TEMPLATESENDJOBFINISH_success.xml":                receipt(user, 1395658920, "200163836", "success"),
		"TEMPLATESENDJOBFINISH_user_block.xml":             receipt(user, 1395658984, "200163840", "failed:user block"),
		"TEMPLATESENDJOBFINISH_system_failed.xml":          receipt(user, 1395658984, "200163840", "failed: system failed"),
		"TEMPLATESENDJOBFINISH_freq_limit.xml":             receipt("oTD8i6Wz6jQZPSNJlzQv43ApodvI", 1721621154, "3557254367693750277", "failed:freq limit"),
		"TEMPLATESENDJOBFINISH_user_block_compat_mode.xml": receipt("ovPQ26Vgx51Ep-HoZqOITMHLk6eg", 1717466001, "3487542469355618313", "failed:user block"),
		"doc_SubscribeMessageChangeEvent.xml":              change,
		"subscribe_msg_change_event_doc_bug.xml":           change,
		"subscribe_msg_change_event_single_object.json": {Type: ConsentChanged, OpenID: "xxxxx", Created: time.Unix(1625575518, 0),
			Consents: []Consent{{Template: "NQezXFstp4zZV2q7u5aSprQZEx061ODkFJGLdungfoI", Status: "reject"}}},
		"doc_SubscribeMessagePopupEvent.xml": {Type: ConsentAsked, OpenID: "otFpruAK8D-E6EfStSYonYSBZ8_4", Created: time.Unix(1610969440, 0),
			Consents: []Consent{
				{Template: "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", Accepted: true, Status: "accept"},
				{Template: "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI", Status: "reject"}}},
		"doc_SubscribeMessageSentEvent.json": {Type: SubscriptionSent, OpenID: "o7esq5PHRGBQYmeNyfG064wEFVpQ", Created: time.Unix(1620963428, 0),
			Sent: []Sent{{Template: "BEwX0BO-T3MqK3Uc5oTU3CGBqzjpndk2jzUf7VfExd8", MsgID: "1864323726461255680", Status: "success"}}},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(sample(t, name))
			if err != nil || !reflect.DeepEqual(got, want) || !got.Ours() {
				t.Errorf("%+v, %v; want %+v", got, err, want)
			}
		})
	}
}

func TestSpellings(t *testing.T) {
	const head = `"FromUserName":"oA","MsgType":"event"`
	tests := []struct{ name, body, openid, msgid, status string }{
		{"MsgId in XML", `<xml><FromUserName>oA</FromUserName><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgId>7</MsgId><Status>success</Status></xml>`, "oA", "7", "success"},
		{"a number in JSON", `{` + head + `,"Event":"TEMPLATESENDJOBFINISH","CreateTime":5,"MsgID":9223372036854775807,"Status":"failed:new word"}`, "oA", "9223372036854775807", "failed:new word"},
		{"a byte order mark", "\xef\xbb\xbf{" + head + `,"Event":"templateSendJobFinish","MsgId":"1","Status":"success"}`, "oA", "1", "success"},
		{"an array of one", `{` + head + `,"Event":"TEMPLATESENDJOBFINISH","MsgID":["1"],"Status":"success"}`, "oA", "1", "success"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Decode([]byte(tt.body))
			if err != nil || p.OpenID != tt.openid || p.Receipt.MsgID != tt.msgid || p.Receipt.Status != tt.status {
				t.Errorf("%+v, %v", p, err)
			}
		})
	}
}

func TestOthersAreNamedOnly(t *testing.T) {
	for body, want := range map[string]string{
		`<xml><FromUserName>oA</FromUserName><MsgType>text</MsgType><Content><![CDATA[]]&g;]]></Content></xml>`: "text",
		`{}`:                                  Unnamed,
		`{"MsgType":"<script>"}`:              Unnamed,
		`<xml><MsgType>event</MsgType></xml>`: Unnamed,
		`<xml><AppId>wx</AppId><InfoType>component_verify_ticket</InfoType></xml>`:                                "component_verify_ticket",
		`{"MsgType":"text","FromUserName":"o A"}`:                                                                 "text",
		`{"FromUserName":"oA","MsgType":"event","Event":"CLICK"}`:                                                 "click",
		`{"FromUserName":"oA","MsgType":"event","Event":"user_info_modified","RevokeInfo":[{"a":[1,true,null]}]}`: "user_info_modified",
	} {
		p, err := Decode([]byte(body))
		if err != nil || p.Type != want || p.Ours() {
			t.Errorf("%s: %+v, %v; want %s", body, p, err, want)
		}
	}
}

func TestDamagedPushesAreRefused(t *testing.T) {
	const event = `<MsgType>event</MsgType><FromUserName>oA</FromUserName>`
	deepXML := strings.Repeat("<a>", 5000) + strings.Repeat("</a>", 5000)
	tests := []struct {
		name, body string
		want       Refusal
		words      string
	}{
		{"empty", "", Damaged, "neither"},
		{"form", "a=b", Damaged, "neither"},
		{"the copy that goes around", `<xml><ToUserName><![CDATA[gh]]&g;</ToUserName><FromUserName><![CDATA[oA]]></FromUserName></xml>`, Damaged, "]]&g;"},
		{"outside of CDATA", `<xml>]]&g;</xml>`, Damaged, "]]&g;"},
		{"never closed", `<xml><A><![CDATA[x]]&g;</A></xml>`, Damaged, "]]&g;"},
		{"crossed", `<xml><a><b></a></b></xml>`, Damaged, "well-formed"},
		{"two", `<xml></xml><xml></xml>`, Damaged, "well-formed"},
		{"text behind", `<xml></xml>x`, Damaged, "well-formed"},
		{"open", `<xml>`, Damaged, "well-formed"},
		{"DOCTYPE", `<!DOCTYPE xml [<!ENTITY a "b">]><xml>&a;</xml>`, Damaged, "DOCTYPE"},
		{"entity", `<xml>&a;</xml>`, Damaged, "well-formed"},
		{"deep XML", deepXML, Deep, "deeply"},
		{"deep JSON", `{"a":` + strings.Repeat("[", 30000) + strings.Repeat("]", 30000) + "}", Deep, "deeply"},
		{"deep objects", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), Deep, "deeply"},
		{"many elements", `<xml>` + strings.Repeat("<a/>", 10000) + `</xml>`, Deep, "2000"},
		{"many values", `{"a":[` + strings.Repeat("1,", 20000) + `1]}`, Deep, "2000"},
		{"big", `<xml>` + strings.Repeat(" ", MaxBody) + `</xml>`, Big, "64 KiB"},
		{"cut JSON", `{"MsgType":"event","Event":`, Damaged, "JSON"},
		{"two objects", `{} {}`, Damaged, "JSON"},
		{"no user", `<xml><MsgType>event</MsgType><Event>TEMPLATESENDJOBFINISH</Event><MsgID>1</MsgID><Status>success</Status></xml>`, Damaged, "FromUserName"},
		{"no msgid", `<xml>` + event + `<Event>TEMPLATESENDJOBFINISH</Event><Status>success</Status></xml>`, Damaged, "MsgID"},
		{"a msgid of letters", `<xml>` + event + `<Event>TEMPLATESENDJOBFINISH</Event><MsgID>1e9</MsgID><Status>success</Status></xml>`, Damaged, "MsgID"},
		{"no status", `<xml>` + event + `<Event>TEMPLATESENDJOBFINISH</Event><MsgID>1</MsgID></xml>`, Damaged, "Status"},
		{"no list", `<xml>` + event + `<Event>subscribe_msg_popup_event</Event></xml>`, Damaged, "List"},
		{"no template", `<xml>` + event + `<Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List><SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent></xml>`, Damaged, "TemplateId"},
		{"no code", `{"MsgType":"event","FromUserName":"oA","Event":"subscribe_msg_sent_event","List":{"TemplateId":"T","MsgID":"1"}}`, Damaged, "ErrorCode"},
		{"a long list", `{"MsgType":"event","FromUserName":"oA","Event":"subscribe_msg_popup_event","List":[` +
			strings.Repeat(`{"TemplateId":"T","SubscribeStatusString":"accept"},`, 150) + `{"TemplateId":"T","SubscribeStatusString":"accept"}]}`, Damaged, "100"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Decode([]byte(tt.body))
			if RefusalOf(err) != tt.want || !strings.Contains(err.Error(), tt.words) {
				t.Errorf("%+v, %v; want %s and %q", p, err, tt.want, tt.words)
			}
		})
	}
}

func TestLongWordsAreCut(t *testing.T) {
	p, err := Decode([]byte(`{"MsgType":"event","FromUserName":"oA","Event":"TEMPLATESENDJOBFINISH","MsgID":1,"Status":"failed:` + strings.Repeat("限", 40) + `"}`))
	if err != nil || len(p.Receipt.Status) > 64 || !strings.HasSuffix(p.Receipt.Status, "限") {
		t.Errorf("%+v, %v", p.Receipt, err)
	}
}
