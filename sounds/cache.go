package sounds

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A cache keeps what an engine rendered: all of it on disk, and what was said
// lately in memory.
type cache struct {
	dir, voice string

	mu      sync.Mutex
	clips   map[string]Clip          // by words
	bytes   int                      // in clips, one codec
	stored  map[string]bool          // names of files on disk
	pending map[string]chan struct{} // words being rendered
	failed  map[string]time.Time     // words not to be tried again before then
}

const (
	maxMemory  = 32 << 20 // of clips, one codec: about an hour of speech
	maxPending = 4        // renderings at a time; a caller beyond them hears pieces
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
		pending: map[string]chan struct{}{},
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
func (c *cache) start(words string) (over <-chan struct{}, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if running, ok := c.pending[words]; ok {
		return running, false
	}
	if len(c.pending) >= maxPending || time.Now().Before(c.failed[words]) {
		return nil, false
	}
	c.pending[words] = make(chan struct{})
	return c.pending[words], true
}

// finish ends what start began. No sound means that it failed.
func (c *cache) finish(words string, ulaw []byte, log *slog.Logger) {
	if len(ulaw) > 0 {
		c.put(words, ulaw, log)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(ulaw) == 0 {
		c.failed[words] = time.Now().Add(retry)
	}
	close(c.pending[words])
	delete(c.pending, words)
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
