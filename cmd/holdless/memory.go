package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// garbage is how much may lie about before it is collected, in percent of what
// is in use. A call leaves more garbage behind than it ever holds, so at Go's
// own 100 most of what calls seem to need would be that; collecting costs next
// to nothing here, as nearly all that lives is sound.
const garbage = 25

// settle gives back what only the start has needed. What lies in pools, as the
// 16 MB that migrations were read with, outlives one collection.
func settle() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	runtime.GC()
	debug.FreeOSMemory()
}
