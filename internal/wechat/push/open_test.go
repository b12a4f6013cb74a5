package push

import (
	"crypto/aes"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
)

const plainBody = `<xml><ToUserName>gh</ToUserName><FromUserName>oA</FromUserName><CreateTime>5</CreateTime><MsgType>event</MsgType>` +
	`<Event>TEMPLATESENDJOBFINISH</Event><MsgID>7</MsgID><Status>success</Status></xml>`

func wrapped(encrypted string) string {
	return "<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[" + encrypted + "]]></Encrypt></xml>"
}

func TestWeChatsOwnVectors(t *testing.T) {
	all := vectors(t)
	check := all["official-url-verify"]
	a := account(t, Secrets{AppID: testAppID, Token: check.Token})
	query := url.Values{"signature": {check.Signature}, "timestamp": {check.Timestamp}, "nonce": {check.Nonce}, "echostr": {check.Echostr}}
	if echo, err := a.CheckURL(query); err != nil || echo != check.Echostr {
		t.Errorf("%q, %v", echo, err)
	}

	plain := all["official-plain-push"]
	query = url.Values{"signature": {plain.Signature}, "timestamp": {plain.Timestamp}, "nonce": {plain.Nonce}}
	if p, err := a.Open(query, []byte(plain.Body), time.Unix(1714037061, 0)); err != nil || p.Type != "debug_demo" || p.Bound {
		t.Errorf("%+v, %v", p, err)
	}

	safe := all["official-aes-push"]
	a = account(t, Secrets{AppID: safe.AppID, Token: safe.Token, AESKey: safe.Key})
	query = url.Values{"signature": {safe.Signature}, "timestamp": {safe.Timestamp}, "nonce": {safe.Nonce},
		"encrypt_type": {"aes"}, "msg_signature": {safe.MsgSignature}, "openid": {"o9AgO5Kd5ggOC-bXrbNODIiE3bGY"}}
	body := fmt.Sprintf(`{"ToUserName":"gh_97417a04a28d","Encrypt":%q}`, safe.Encrypt)
	if p, err := a.Open(query, []byte(body), time.Unix(1714112446, 0)); err != nil || p.Type != "debug_demo" || !p.Bound {
		t.Errorf("%+v, %v", p, err)
	}

	for _, v := range all {
		if v.Encrypt == "" {
			continue
		}
		a := account(t, Secrets{AppID: v.AppID, Token: v.Token, AESKey: v.Key})
		if got, err := a.open(v.Encrypt); err != nil || string(got) != v.Plaintext {
			t.Errorf("%s: %q, %v", v.ID, got, err)
		}
	}
}

func TestCompatiblePushWithoutAKeyIsReadPlainly(t *testing.T) {
	body := sample(t, "TEMPLATESENDJOBFINISH_user_block_compat_mode.xml")
	query := safeQuery(testToken, testNow, "n", "x")
	p, err := account(t, Secrets{AppID: testAppID, Token: testToken}).Open(query, body, testNow)
	if err != nil || p.Receipt.MsgID != "3487542469355618313" {
		t.Errorf("%+v, %v", p, err)
	}
	// With a key that is another's, the part that its signature covers counts.
	if p, err := account(t, Secrets{AppID: testAppID, Token: testToken, AESKey: testKey}).Open(query, body, testNow); RefusalOf(err) != Forged {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestOpen(t *testing.T) {
	plainly := account(t, Secrets{AppID: testAppID, Token: testToken, PreviousToken: "before"})
	safely := account(t, Secrets{AppID: testAppID, Token: testToken, PreviousToken: "before", AESKey: testKey, PreviousAESKey: otherKey})
	sealed := seal(t, testKey, testAppID, []byte(plainBody))
	before := seal(t, otherKey, testAppID, []byte(plainBody))
	foreign := seal(t, testKey, "wxother", []byte(plainBody))
	compatible := strings.Replace(plainBody, "</xml>", "<Encrypt>"+sealed+"</Encrypt></xml>", 1)
	compatible = strings.Replace(compatible, "<MsgID>7<", "<MsgID>8<", 1) // not what was signed
	tampered := signedQuery(testToken, testNow, "n")
	tampered.Set("nonce", "m")
	unsigned := safeQuery(testToken, testNow, "n", sealed)
	unsigned.Del("msg_signature")
	capitals := signedQuery(testToken, testNow, "n")
	capitals.Set("signature", strings.ToUpper(capitals.Get("signature")))
	tests := []struct {
		name    string
		account *Account
		query   url.Values
		body    string
		want    Refusal
	}{
		{"plain", plainly, signedQuery(testToken, testNow, "n"), plainBody, ""},
		{"plain, capitals", plainly, capitals, plainBody, ""},
		{"plain, the token before", plainly, signedQuery("before", testNow, "n"), plainBody, ""},
		{"plain, though there is a key", safely, signedQuery(testToken, testNow, "n"), plainBody, ""},
		{"plain, another's token", plainly, signedQuery("other", testNow, "n"), plainBody, Forged},
		{"plain, tampered", plainly, tampered, plainBody, Forged},
		{"plain, no query", plainly, url.Values{}, plainBody, Forged},
		{"plain, nine minutes old", plainly, signedQuery(testToken, testNow.Add(-9*time.Minute), "n"), plainBody, ""},
		{"plain, eleven minutes old", plainly, signedQuery(testToken, testNow.Add(-11*time.Minute), "n"), plainBody, Stale},
		{"plain, eleven minutes ahead", plainly, signedQuery(testToken, testNow.Add(11*time.Minute), "n"), plainBody, Stale},
		{"plain, no age", plainly, url.Values{"signature": {Sign(testToken)}}, plainBody, Stale},
		{"plain, damaged", plainly, signedQuery(testToken, testNow, "n"), "<xml>", Damaged},
		{"plain, big", plainly, signedQuery(testToken, testNow, "n"), strings.Repeat("x", MaxBody+1), Big},
		{"safe", safely, safeQuery(testToken, testNow, "n", sealed), wrapped(sealed), ""},
		{"safe, token and key before", safely, safeQuery("before", testNow, "n", before), wrapped(before), ""},
		{"safe, another's appid", safely, safeQuery(testToken, testNow, "n", foreign), wrapped(foreign), Sealed},
		{"safe, another's token", safely, safeQuery("other", testNow, "n", sealed), wrapped(sealed), Forged},
		{"safe, another body", safely, safeQuery(testToken, testNow, "n", sealed), wrapped(before), Forged},
		{"safe, not signed", safely, unsigned, wrapped(sealed), Forged},
		{"safe, old", safely, safeQuery(testToken, testNow.Add(-time.Hour), "n", sealed), wrapped(sealed), Stale},
		{"safe, no key", plainly, safeQuery(testToken, testNow, "n", sealed), wrapped(sealed), Sealed},
		{"safe, no base64", safely, safeQuery(testToken, testNow, "n", "!!"), wrapped("!!"), Sealed},
		{"safe, half a block", safely, safeQuery(testToken, testNow, "n", "AAAA"), wrapped("AAAA"), Sealed},
		{"safe, nothing", safely, safeQuery(testToken, testNow, "n", ""), wrapped(""), Sealed},
		{"compatible", safely, safeQuery(testToken, testNow, "n", sealed), compatible, ""},
		{"compatible, nothing encrypted", safely, safeQuery(testToken, testNow, "n", ""), plainBody, Sealed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := tt.account.Open(tt.query, []byte(tt.body), testNow)
			if RefusalOf(err) != tt.want || (err == nil) != (tt.want == "") || err != nil && !fault.Is(err, fault.Invalid) {
				t.Fatalf("%+v, %v; want %q", p, err, tt.want)
			}
			if err == nil && p.Receipt.MsgID != "7" {
				t.Errorf("%+v: read what was not signed", p.Receipt)
			}
			if err != nil && (strings.Contains(err.Error(), testToken) || strings.Contains(err.Error(), testKey)) {
				t.Errorf("a secret shows: %v", err)
			}
		})
	}
}

func TestEveryLengthOfPaddingIsRead(t *testing.T) {
	a := account(t, Secrets{AppID: testAppID, Token: testToken, AESKey: testKey})
	for n := range 70 {
		message := strings.Repeat("x", n)
		if got, err := a.open(seal(t, testKey, testAppID, []byte(message))); err != nil || string(got) != message {
			t.Errorf("%d bytes: %q, %v", n, got, err)
		}
	}
}

func TestSpareBitsOfAKeyAreNotLookedAt(t *testing.T) {
	// The last character has 2 bits that belong to no byte: G, H, E and F are one key.
	sealed := seal(t, testKey, testAppID, []byte("m"))
	for _, last := range "EFGH" {
		a := account(t, Secrets{AppID: testAppID, Token: testToken, AESKey: testKey[:42] + string(last)})
		if got, err := a.open(sealed); err != nil || string(got) != "m" {
			t.Errorf("%c: %q, %v", last, got, err)
		}
	}
}

func TestReadTakesWhatSomebodyVouchesFor(t *testing.T) {
	a := account(t, Secrets{AppID: testAppID, Token: testToken, AESKey: testKey})
	for name, body := range map[string]string{
		"decrypted": plainBody, "as it came": wrapped(seal(t, testKey, testAppID, []byte(plainBody))),
	} {
		if p, err := a.Read([]byte(body)); err != nil || p.Receipt == nil {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for body, want := range map[string]Refusal{
		wrapped("AAAA"): Sealed, "x": Damaged, strings.Repeat("x", MaxBody+1): Big,
	} {
		if _, err := a.Read([]byte(body)); RefusalOf(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAccountsWithoutSecretsAreRefused(t *testing.T) {
	for _, s := range []Secrets{{}, {Token: "t", AESKey: "short"}, {Token: "t", PreviousAESKey: strings.Repeat("!", 43)}} {
		if _, err := NewAccount(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestURLCheck(t *testing.T) {
	a := account(t, Secrets{AppID: testAppID, Token: testToken, PreviousToken: "before"})
	for token, good := range map[string]bool{testToken: true, "before": true, "other": false} {
		query := signedQuery(token, testNow, "n")
		query.Set("echostr", "hello")
		if echo, err := a.CheckURL(query); (err == nil && echo == "hello") != good {
			t.Errorf("%s: %q, %v", token, echo, err)
		}
	}
}

func FuzzXML(f *testing.F) {
	for _, seed := range samples(".xml") {
		f.Add(seed)
	}
	f.Add([]byte(plainBody))
	f.Add([]byte(`<xml><MsgType>event</MsgType><Event>subscribe_msg_sent_event</Event><FromUserName>o</FromUserName><SubscribeMsgSentEvent><List><TemplateId>T</TemplateId><MsgID>1</MsgID><ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent></xml>`))
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE a><a b="c">&#65;&lt;<!-- x --></a>`))
	f.Fuzz(func(t *testing.T, body []byte) { holds(t, append([]byte("<"), body...)); holds(t, body) })
}

func FuzzJSON(f *testing.F) {
	for _, seed := range samples(".json") {
		f.Add(seed)
	}
	f.Add([]byte(`{"MsgType":"event","Event":"TEMPLATESENDJOBFINISH","FromUserName":"o","MsgID":1,"Status":"success"}`))
	f.Add([]byte(`{"a":[[{"b":null}],true,1e9],"MsgType":"text"}`))
	f.Fuzz(func(t *testing.T, body []byte) { holds(t, append([]byte("{"), body...)); holds(t, body) })
}

// holds checks what must be so of every body: it is refused with a reason, or
// read into fields that are what they say.
func holds(t *testing.T, body []byte) {
	p, err := Decode(body)
	if err != nil {
		if RefusalOf(err) == "" || !fault.Is(err, fault.Invalid) {
			t.Fatalf("an error without a refusal: %v", err)
		}
		return
	}
	if !plainWord(p.Type) || p.OpenID != "" && !plainWord(p.OpenID) || p.Ours() && p.OpenID == "" {
		t.Fatalf("%+v", p)
	}
	if p.Receipt != nil && (!digits(p.Receipt.MsgID) || p.Receipt.Status == "" || len(p.Receipt.Status) > maxWord) {
		t.Fatalf("%+v", p.Receipt)
	}
	for _, c := range p.Consents {
		if !plainWord(c.Template) || len(c.Status) > maxWord {
			t.Fatalf("%+v", c)
		}
	}
	for _, s := range p.Sent {
		if !plainWord(s.Template) || len(s.Status) > maxWord {
			t.Fatalf("%+v", s)
		}
	}
	if len(p.Consents)+len(p.Sent) > maxList {
		t.Fatal("a list is too long")
	}
}

func FuzzCrypto(f *testing.F) {
	a := account(f, Secrets{AppID: testAppID, Token: testToken, AESKey: testKey, PreviousAESKey: otherKey})
	f.Add([]byte(plainBody), []byte(seal(f, testKey, testAppID, []byte(plainBody))), false)
	f.Add([]byte(`{"MsgType":"text"}`), []byte("AAAAAAAAAAAAAAAAAAAAAA=="), true)
	for _, seed := range samples(".xml") {
		f.Add(seed, []byte(seal(f, otherKey, testAppID, seed)), true)
	}
	f.Fuzz(func(t *testing.T, message, noise []byte, raw bool) {
		// What is sealed is opened again, with either key.
		if got, err := a.open(seal(t, otherKey, testAppID, message)); err != nil || string(got) != string(message) {
			t.Fatalf("%q, %v", got, err)
		}
		text := string(noise)
		if raw { // past base64, so that the cipher sees it
			text = base64.StdEncoding.EncodeToString(noise)
		}
		if got, err := a.open(text); err != nil && RefusalOf(err) != Sealed {
			t.Fatalf("%q, %v", got, err)
		}
		// The layout under the cipher: nothing in it is trusted.
		if got, err := a.open(encrypt(t, testKey, append(noise, make([]byte, aes.BlockSize-len(noise)%aes.BlockSize)...))); err != nil && RefusalOf(err) != Sealed {
			t.Fatalf("%q, %v", got, err)
		}
		if len(noise) > 0 && len(noise)%aes.BlockSize == 0 {
			if got, err := a.open(encrypt(t, testKey, noise)); err == nil && len(got) > len(noise) {
				t.Fatalf("%q", got)
			}
		}
		query := safeQuery(testToken, testNow, "n", text)
		if _, err := a.Open(query, []byte(wrapped(text)), testNow); err != nil && RefusalOf(err) == "" {
			t.Fatal(err)
		}
	})
}
