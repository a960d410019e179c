package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
	"testing"

	"github.com/holdless/holdless/internal/store/storetest"
)

// TestMain makes the program itself of the test binary when a benchmark asks
// where the time and the memory of the whole service go: what ships has no
// door for that.
func TestMain(m *testing.M) {
	dir := os.Getenv("HOLDLESS_BENCH_PROFILES")
	if dir == "" {
		storetest.Main(m)
	}
	runtime.MemProfileRate = 4 << 10
	p := &profiler{dir: dir}
	p.begin()
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			p.end()
			p.begin()
		}
	}()
	code := execute(context.Background(), os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr})
	p.end()
	os.Exit(code)
}

// A profiler writes one set of profiles after the other.
type profiler struct {
	dir string

	mu  sync.Mutex
	set int
	cpu *os.File
}

func (p *profiler) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cpu = p.create("cpu-%d.pprof")
	if err := pprof.StartCPUProfile(p.cpu); err != nil {
		panic(err)
	}
}

func (p *profiler) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	pprof.StopCPUProfile()
	_ = p.cpu.Close()
	for _, kind := range []string{"heap", "allocs", "goroutine"} {
		f := p.create(kind + "-%d.pprof")
		_ = pprof.Lookup(kind).WriteTo(f, 0)
		_ = f.Close()
	}
	p.memory()
	p.set++
}

func (p *profiler) create(name string) *os.File {
	f, err := os.Create(filepath.Join(p.dir, fmt.Sprintf(name, p.set)))
	if err != nil {
		panic(err)
	}
	return f
}

// memory writes what the resident memory is made of, in KB.
func (p *profiler) memory() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f := p.create("memory-%d.txt")
	defer f.Close()
	for _, part := range []struct {
		name string
		n    uint64
	}{
		{"heap in use", m.HeapInuse},
		{"heap free", m.HeapIdle - m.HeapReleased},
		{"stacks", m.StackInuse},
		{"of the runtime", m.MSpanSys + m.MCacheSys + m.GCSys + m.OtherSys + m.BuckHashSys},
		{"allocated so far", m.TotalAlloc},
	} {
		fmt.Fprintf(f, "%-16s %8d\n", part.name, part.n>>10)
	}
}
