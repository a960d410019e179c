package desk

import (
	"compress/gzip"
	"net/http"
	"strings"
)

// small is not worth compressing.
const small = 1 << 10

// send writes a body, compressed when the browser takes that.
func send(w http.ResponseWriter, r *http.Request, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(body) < small || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		_, _ = w.Write(body) // the client may have gone
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = z.Write(body)
	_ = z.Close() // likewise
}
