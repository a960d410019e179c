package desk

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

const (
	small = 1 << 10  // is not worth compressing
	early = 24 << 10 // what is in sight leaves when this much is written, while the rest is being made
	later = 128 << 10
)

// A page on its way: its beginning leaves while the rest is being made, so that
// a browser can show it. It is compressed when the browser takes that.
type flow struct {
	w     http.ResponseWriter
	code  int
	gzip  bool // the browser takes it
	wait  bytes.Buffer
	most  int
	z     *gzip.Writer
	begun bool
}

func flowTo(w http.ResponseWriter, r *http.Request) *flow {
	return &flow{w: w, code: http.StatusOK, gzip: strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"), most: early}
}

// Write keeps what is written until it is worth sending.
func (f *flow) Write(p []byte) (int, error) {
	n, _ := f.wait.Write(p) // a buffer takes all
	if f.wait.Len() < f.most {
		return n, nil
	}
	f.most = later
	if err := f.send(); err != nil {
		return n, err
	}
	if f.z != nil {
		if err := f.z.Flush(); err != nil {
			return n, err
		}
	}
	_ = http.NewResponseController(f.w).Flush() // where that cannot be done, it leaves at the end
	return n, nil
}

// send hands on what waits.
func (f *flow) send() error {
	if !f.begun {
		f.begun = true
		f.w.Header().Add("Vary", "Accept-Encoding")
		if f.gzip && f.wait.Len() >= small {
			f.w.Header().Set("Content-Encoding", "gzip")
			f.z = gzip.NewWriter(f.w)
		}
		f.w.WriteHeader(f.code)
	}
	var err error
	if f.z != nil {
		_, err = f.wait.WriteTo(f.z)
	} else {
		_, err = f.wait.WriteTo(f.w)
	}
	return err
}

// Close sends the rest.
func (f *flow) Close() error {
	if err := f.send(); err != nil || f.z == nil {
		return err
	}
	return f.z.Close()
}

// squeezed is a body as small as it can be.
func squeezed(body []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // there is such a level
	_, _ = z.Write(body)                                    // a buffer takes all
	_ = z.Close()
	return out.Bytes()
}
