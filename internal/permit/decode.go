package permit

import "wxdispatch/internal/message"

// Decode reads a permit as apps write it: an object with openid, type, code,
// template_id, count and issued_at. Fields that nobody knows, keys twice and
// wrong types are mistakes, told all at once in an error of class invalid;
// whether such a permit can be is for whoever takes it in.
func Decode(data []byte) (Grant, error) {
	row, err := message.DecodePermit(data)
	return Grant(row), err
}
