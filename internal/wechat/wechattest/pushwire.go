package wechattest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	crand "crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The stand-in writes pushes with code of its own, so that a mistake in how
// they are read does not hide in how they are written.

// dress makes the query and the body that WeChat sends in the account's mode.
func dress(appid string, to Pushes, body []byte, now time.Time) (url.Values, string, error) {
	timestamp, nonce := strconv.FormatInt(now.Unix(), 10), strconv.FormatUint(rand.Uint64(), 10)
	query := url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "signature": {sign(to.Token, timestamp, nonce)}}
	if to.Mode == "" || to.Mode == PushPlain {
		return query, string(body), nil
	}
	sealed, err := seal(to.AESKey, appid, body)
	if err != nil {
		return nil, "", err
	}
	query.Set("encrypt_type", "aes")
	query.Set("msg_signature", sign(to.Token, timestamp, nonce, sealed))
	return query, wrap(to, body, sealed), nil
}

// wrap puts the encrypted part beside the plain one, or in its place.
func wrap(to Pushes, body []byte, sealed string) string {
	plain := strings.TrimSpace(string(body))
	asJSON := strings.HasPrefix(plain, "{")
	switch {
	case to.Mode == PushCompatible && asJSON:
		return strings.TrimSuffix(plain, "}") + `,"Encrypt":"` + sealed + `"}`
	case to.Mode == PushCompatible:
		return strings.TrimSuffix(plain, "</xml>") + "<Encrypt>" + cdata(sealed) + "</Encrypt></xml>"
	case asJSON:
		return `{"ToUserName":"gh_standin","Encrypt":"` + sealed + `"}`
	}
	return "<xml><ToUserName><![CDATA[gh_standin]]></ToUserName><Encrypt>" + cdata(sealed) + "</Encrypt></xml>"
}

func sign(parts ...string) string {
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

func aesKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(text + "=")
	if err != nil || len(key) != 32 {
		return nil, errors.New("aes_key is not an EncodingAESKey: 43 letters and digits")
	}
	return key, nil
}

// seal is WeChat's encryption: random(16) length(4) message appid, padded to
// 32, AES-256-CBC.
func seal(keyText, appid string, body []byte) (string, error) {
	key, err := aesKey(keyText)
	if err != nil {
		return "", err
	}
	plain := make([]byte, 16, 64+len(body))
	_, _ = crand.Read(plain) // never fails
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(body)))
	plain = append(append(plain, body...), appid...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain), nil
}

// encode is JSON without HTML escapes, as WeChat writes it.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // maps of strings and numbers always encode
	return bytes.TrimSpace(b.Bytes())
}
