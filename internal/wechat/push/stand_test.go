package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

const (
	testToken = "pushtoken"
	testAppID = "wxtest0000000000000"
	testKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	otherKey  = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
)

var testNow = time.Unix(1_795_000_000, 0)

// sample reads a payload from the folder beside the project; without it the
// test is skipped.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "shared", "wechat", "samples", name))
	if err != nil {
		t.Skipf("no %s beside the project: nothing to read", name)
	}
	return data
}

// samples are all payloads of a kind, for seeds; none where there is no folder.
func samples(ext string) [][]byte {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "..", "shared", "wechat", "samples", "*"+ext))
	var all [][]byte
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			all = append(all, data)
		}
	}
	return all
}

// vector is a row of callback_crypto.json.
type vector struct {
	ID, Kind, Token, Timestamp, Nonce, Echostr, Signature, Body string
	AppID, Plaintext, Encrypt, Random16                         string
	Key                                                         string `json:"encoding_aes_key"`
	MsgSignature                                                string `json:"msg_signature"`
}

func vectors(t testing.TB) map[string]vector {
	t.Helper()
	var list []vector
	if err := json.Unmarshal(sample(t, "callback_crypto.json"), &list); err != nil {
		t.Fatal(err)
	}
	all := map[string]vector{}
	for _, v := range list {
		all[v.ID] = v
	}
	return all
}

func account(t testing.TB, s Secrets) *Account {
	t.Helper()
	a, err := NewAccount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// signedQuery is what WeChat puts behind the address of a plain push.
func signedQuery(token string, at time.Time, nonce string) url.Values {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "signature": {Sign(token, timestamp, nonce)}}
}

// safeQuery is that of an encrypted one.
func safeQuery(token string, at time.Time, nonce, encrypted string) url.Values {
	query := signedQuery(token, at, nonce)
	query.Set("encrypt_type", "aes")
	query.Set("msg_signature", Sign(token, query.Get("timestamp"), nonce, encrypted))
	return query
}

// seal lays a message out and encrypts it as WeChat does.
func seal(t testing.TB, key, appID string, message []byte) string {
	t.Helper()
	plain := append([]byte("0123456789abcdef"), binary.BigEndian.AppendUint32(nil, uint32(len(message)))...)
	plain = append(append(plain, message...), appID...)
	n := padBlock - len(plain)%padBlock
	return encrypt(t, key, append(plain, bytes.Repeat([]byte{byte(n)}, n)...))
}

// encrypt is WeChat's cipher over whole blocks.
func encrypt(t testing.TB, key string, plain []byte) string {
	t.Helper()
	raw, err := readKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		t.Fatal(err)
	}
	sealed := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, raw[:aes.BlockSize]).CryptBlocks(sealed, plain)
	return base64.StdEncoding.EncodeToString(sealed)
}
