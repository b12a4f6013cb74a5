package push

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
)

// WeChat pads to blocks of 32, not of AES's 16; before the message stand 16
// random bytes and its length.
const (
	padBlock   = 32
	randomSize = 16
	prefixSize = randomSize + 4
)

// open decrypts with each key in turn and returns the message that is meant for
// this appid. The error is Sealed; it does not tell what failed, so that nobody
// learns of the padding by trying.
func (a *Account) open(encrypted string) ([]byte, error) {
	sealed, err := base64.StdEncoding.DecodeString(encrypted)
	if err == nil && len(sealed) > 0 && len(sealed)%aes.BlockSize == 0 {
		for _, key := range a.keys {
			if message, ok := decrypt(key, sealed, a.appID); ok {
				return message, nil
			}
		}
	}
	return nil, Sealed.Refuse("no aes_key of this account opens it, or it is not for its appid; compare both with WeChat's console")
}

// decrypt is AES-256-CBC with the key's first half as IV, then the layout
// random(16) length(4, big endian) message appid.
func decrypt(key, sealed []byte, appID string) ([]byte, bool) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, false
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, sealed)
	plain, ok := unpad(plain)
	if !ok || len(plain) < prefixSize {
		return nil, false
	}
	length := uint64(binary.BigEndian.Uint32(plain[randomSize:prefixSize]))
	rest := plain[prefixSize:]
	if length > uint64(len(rest)) || string(rest[length:]) != appID {
		return nil, false
	}
	return rest[:length], true
}

// unpad takes PKCS#7's padding of 1 to 32 off.
func unpad(plain []byte) ([]byte, bool) {
	n := int(plain[len(plain)-1])
	if n == 0 || n > padBlock || n > len(plain) {
		return nil, false
	}
	body, padding := plain[:len(plain)-n], plain[len(plain)-n:]
	return body, bytes.Equal(padding, bytes.Repeat([]byte{byte(n)}, n))
}
