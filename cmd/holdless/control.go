package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/holdless/holdless/callback"
	"github.com/holdless/holdless/internal/hooks"
)

// socketMost is the longest name that a socket may have.
const socketMost = 100

// socketFile is where the service of a data directory listens for commands.
// Only the user who runs it may open it.
func socketFile(data string) string {
	abs, err := filepath.Abs(data)
	if err != nil {
		abs = data
	}
	if name := filepath.Join(abs, "holdless.sock"); len(name) <= socketMost {
		return name
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(os.TempDir(), "holdless-"+hex.EncodeToString(sum[:8])+".sock")
}

// control lets commands on this machine ask the desk of the service.
type control struct {
	desk  desk
	menus menuDesk
	users localUsers
	hooks *hooks.Publisher
	open  func(context.Context, openAsk) (openAnswer, error) // makes a link to the pages of menus
	log   *slog.Logger
}

// buildCommands opens the socket before the service says that it has started:
// a command that comes too early waits.
func (s *service) buildCommands(ctx context.Context) (err error) {
	file := socketFile(s.config.Data)
	if s.socket, err = listenSocket(ctx, file); err != nil {
		return fmt.Errorf("listen for commands on %s: %w", file, err)
	}
	return nil
}

func (c *control) serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{Handler: c.routes(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := srv.Shutdown(last); err != nil {
			c.log.Warn("commands not finished", "err", err)
		}
	})
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("listen for commands on %s: %w", ln.Addr(), err)
	}
	return nil
}

// errShared means that two processes were given one data directory. SQLite locks
// it; on PostgreSQL, only the socket tells.
var errShared = errors.New("another service runs on this data; give each process a data of its own")

// listenSocket takes the place of a socket whose process is gone.
func listenSocket(ctx context.Context, file string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", file); err == nil {
		return nil, errors.Join(errShared, conn.Close())
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "unix", file)
	if err != nil {
		return nil, err
	}
	return ln, os.Chmod(file, 0o600)
}

// The questions that commands put.
type (
	showReply struct {
		Callback callback.Callback
		Attempts []callback.Attempt
	}
	moveAsk struct {
		ID    string
		At    time.Time
		Actor string
	}
	cancelAsk struct{ ID, Actor string }
	stopAsk   struct{ Actor, Why string }
	startAsk  struct{ Actor string }
	backupAsk struct{ File string }
	eraseAsk  struct {
		Phone callback.Phone
		Actor string
	}
)

func (c *control) routes() http.Handler {
	mux := http.NewServeMux()
	c.promiseRoutes(mux)
	c.teamRoutes(mux)
	c.keeperRoutes(mux)
	c.menus.routes(mux)
	userRoutes(mux, c.users)
	keyRoutes(mux, c.users)
	feedRoutes(mux, c.users)
	hookRoutes(mux, c.hooks)
	if c.open != nil {
		mux.Handle("POST /menus/open", ask(c.open))
	}
	return http.MaxBytesHandler(mux, 1<<20) // menus are texts of up to 256 KiB
}

// promiseRoutes answer what is asked about promises.
func (c *control) promiseRoutes(mux *http.ServeMux) {
	mux.Handle("POST /list", ask(func(ctx context.Context, f callback.Filter) ([]callback.Callback, error) {
		return c.desk.List(ctx, f)
	}))
	mux.Handle("POST /show", ask(func(ctx context.Context, id string) (showReply, error) {
		found, attempts, err := c.desk.Show(ctx, id)
		return showReply{found, attempts}, err
	}))
	mux.Handle("POST /texts", ask(func(ctx context.Context, id string) ([]callback.Sent, error) {
		return c.desk.Texts(ctx, id)
	}))
	mux.Handle("POST /book", ask(func(ctx context.Context, r callback.Request) (callback.Callback, error) {
		return c.desk.Book(ctx, r)
	}))
	mux.Handle("POST /move", ask(func(ctx context.Context, m moveAsk) (callback.Callback, error) {
		return c.desk.Move(ctx, m.ID, m.At, m.Actor)
	}))
	mux.Handle("POST /cancel", ask(func(ctx context.Context, a cancelAsk) (struct{}, error) {
		return struct{}{}, c.desk.Cancel(ctx, a.ID, a.Actor)
	}))
}

// teamRoutes answer what is asked about agents, and about dialling.
func (c *control) teamRoutes(mux *http.ServeMux) {
	mux.Handle("POST /agent", ask(func(ctx context.Context, to callback.Duty) (struct{}, error) {
		return struct{}{}, c.desk.SetDuty(ctx, to)
	}))
	mux.Handle("POST /team", ask(func(ctx context.Context, _ struct{}) ([]callback.Status, error) {
		return c.desk.Team(ctx)
	}))
	mux.Handle("POST /dialing", ask(func(ctx context.Context, _ struct{}) (callback.Dialing, error) {
		return c.desk.Dialing(ctx)
	}))
	mux.Handle("POST /dialing/stop", ask(func(ctx context.Context, a stopAsk) (struct{}, error) {
		return struct{}{}, c.desk.StopDialing(ctx, a.Actor, a.Why)
	}))
	mux.Handle("POST /dialing/start", ask(func(ctx context.Context, a startAsk) (struct{}, error) {
		return struct{}{}, c.desk.StartDialing(ctx, a.Actor)
	}))
}

// keeperRoutes answer who keeps the data.
func (c *control) keeperRoutes(mux *http.ServeMux) {
	mux.Handle("POST /backup", ask(func(ctx context.Context, a backupAsk) (struct{}, error) {
		return struct{}{}, c.desk.Backup(ctx, a.File)
	}))
	mux.Handle("POST /allow", ask(func(ctx context.Context, a eraseAsk) (struct{}, error) {
		return struct{}{}, c.desk.AllowCalls(ctx, a.Phone, a.Actor)
	}))
	mux.Handle("POST /erase", ask(func(ctx context.Context, a eraseAsk) (callback.Erased, error) {
		return c.desk.Erase(ctx, a.Phone, a.Actor)
	}))
}

// ask answers one question: JSON in, JSON out; 422 with the words of an error.
func ask[Q, A any](do func(context.Context, Q) (A, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		a, err := do(r.Context(), q)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a) // the command may have gone
	})
}
