package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
)

// A file is what every page loads. A browser keeps it as long as it is the same,
// which its address tells.
type file struct {
	kind, sum  string
	body, less []byte
}

var statics = map[string]file{
	"stream.js": keep("stream.js", "text/javascript; charset=utf-8"),
	"desk.js":   keep("desk.js", "text/javascript; charset=utf-8"),
	"desk.css":  keep("desk.css", "text/css; charset=utf-8"),
}

func keep(name, kind string) file {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	sum := sha256.Sum256(body)
	return file{kind, hex.EncodeToString(sum[:6]), body, squeezed(body)}
}

// address is where a page finds a file as it is now.
func address(name string) string { return "/desk/" + name + "?v=" + statics[name].sum }

func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if r.FormValue("v") == f.sum {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	h.Set("Content-Type", f.kind)
	h.Set("ETag", `"`+f.sum+`"`)
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.sum) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.less
	}
	_, _ = io.Copy(w, bytes.NewReader(body)) // the client may have gone
}
