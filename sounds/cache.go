package sounds

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A cache keeps what an engine rendered: on disk what may be said to anybody,
// and in memory what was said lately. Times and numbers would fill the disk
// with sentences that are never said again, and keep them past all retention.
type cache struct {
	dir, voice string

	mu      sync.Mutex
	clips   map[string]Clip      // by words
	bytes   int                  // in clips, one codec
	stored  map[string]bool      // names of files on disk
	pending map[string]rendering // by words
	failed  map[string]time.Time // words not to be tried again before then
}

// A rendering is under way.
type rendering struct {
	over     chan struct{}
	personal bool // kept in memory only
}

const (
	maxMemory  = 32 << 20 // of clips, one codec: about an hour of speech
	maxPending = 4        // renderings at a time; a caller beyond them hears pieces
	maxFailed  = 1000     // words remembered as failed
	retry      = time.Minute
)

func openCache(dir, voice string) (*cache, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("folder of rendered sounds: %w", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("folder of rendered sounds: %w", err)
	}
	c := &cache{
		dir: dir, voice: voice,
		clips:   map[string]Clip{},
		stored:  make(map[string]bool, len(files)),
		pending: map[string]rendering{},
		failed:  map[string]time.Time{},
	}
	for _, f := range files {
		c.stored[f.Name()] = true
	}
	return c, nil
}

func (c *cache) file(words string) string { return filepath.Join(c.dir, fileName(c.voice, words)) }

func (c *cache) has(words string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stored[fileName(c.voice, words)]
}

// get returns the rendering of words, if there is one.
func (c *cache) get(words string) (Clip, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if clip, ok := c.clips[words]; ok {
		return clip, true
	}
	name := fileName(c.voice, words)
	if !c.stored[name] {
		return Clip{}, false
	}
	ulaw, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil || len(ulaw) == 0 {
		delete(c.stored, name) // somebody cleared the folder: it is rendered again
		return Clip{}, false
	}
	return c.keep(words, ulaw), true
}

// keep holds a clip in memory. When that is full it starts afresh.
func (c *cache) keep(words string, ulaw []byte) Clip {
	if c.bytes+len(ulaw) > maxMemory {
		clear(c.clips)
		c.bytes = 0
	}
	clip := newClip(ulaw)
	c.clips[words] = clip
	c.bytes += len(ulaw)
	return clip
}

// start returns a channel that is closed when words are rendered; nil when
// enough are being rendered, or these failed a moment ago. To the first who
// asks it says that the rendering is his.
func (c *cache) start(words string, personal bool) (over <-chan struct{}, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if running, ok := c.pending[words]; ok {
		return running.over, false
	}
	if len(c.pending) >= maxPending || time.Now().Before(c.failed[words]) {
		return nil, false
	}
	c.pending[words] = rendering{make(chan struct{}), personal}
	return c.pending[words].over, true
}

// finish ends what start began. No sound means that it failed.
func (c *cache) finish(words string, ulaw []byte, log *slog.Logger) {
	c.mu.Lock()
	running := c.pending[words]
	c.mu.Unlock()
	if len(ulaw) > 0 && !running.personal {
		c.put(words, ulaw, log)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(ulaw) == 0:
		c.fail(words)
	case running.personal:
		c.keep(words, ulaw)
	}
	close(running.over)
	delete(c.pending, words)
}

// fail remembers words that are not to be tried again for a while. When there
// are many of them the engine is broken, and it does not matter which.
func (c *cache) fail(words string) {
	if len(c.failed) >= maxFailed {
		clear(c.failed)
	}
	c.failed[words] = time.Now().Add(retry)
}

// put keeps a rendering. A full disk costs the next process some work, not
// this caller the sentence.
func (c *cache) put(words string, ulaw []byte, log *slog.Logger) {
	err := writeFile(c.file(words), ulaw)
	if err != nil {
		log.Warn("rendered sentence not stored", "err", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(words, ulaw)
	if err == nil {
		c.stored[fileName(c.voice, words)] = true
	}
}
