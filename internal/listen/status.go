package listen

import "net/http"

// Status remembers the status of an answer as it is written.
type Status struct {
	http.ResponseWriter
	Code int // 0: nothing was written yet
}

// WriteHeader writes the header once.
func (s *Status) WriteHeader(code int) {
	if s.Code == 0 {
		s.Code = code
	}
	s.ResponseWriter.WriteHeader(code)
}

// Write writes, with 200 where no status was written.
func (s *Status) Write(p []byte) (int, error) {
	if s.Code == 0 {
		s.Code = http.StatusOK
	}
	return s.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *Status) Unwrap() http.ResponseWriter { return s.ResponseWriter }
