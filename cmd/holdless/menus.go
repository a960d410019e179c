package main

import (
	"context"
	"net/http"
	"os"
	"os/user"
	"time"

	"github.com/holdless/holdless/internal/menus"
	"github.com/holdless/holdless/internal/store"
)

// A menuDesk answers what commands ask about menus.
type menuDesk struct {
	*menus.Keeper
	store *store.Store
}

// The questions that commands put about menus, and the answers.
type (
	menuAsk struct {
		Menu    string
		Version string
		Text    string
		Share   int
		By      string
		Most    int
		Since   time.Time
		Until   time.Time
	}
	menuState struct {
		Menu    string `json:"menu"`
		File    string `json:"file,omitempty"`
		Version string `json:"version"`
		Trial   string `json:"trial,omitempty"`
		Share   int    `json:"share,omitempty"`
		Wrong   string `json:"wrong,omitempty"`
	}
	menuAnswer struct {
		Menu    string
		Version string
		Text    string
		Wrong   []string
	}
	menuChange struct {
		At    time.Time `json:"at"`
		Menu  string    `json:"menu"`
		What  string    `json:"what"`
		Value string    `json:"value"`
		By    string    `json:"by"`
	}
)

// asks are the questions, by the path on which the service takes them.
func (m menuDesk) routes(mux *http.ServeMux) {
	mux.Handle("POST /menus/list", ask(m.list))
	mux.Handle("POST /menus/log", ask(m.log))
	mux.Handle("POST /menus/show", ask(m.show))
	mux.Handle("POST /menus/reload", ask(m.reload))
	mux.Handle("POST /menus/rollback", ask(m.rollback))
	mux.Handle("POST /menus/trial", ask(m.trial))
	mux.Handle("POST /menus/promote", ask(m.promote))
	mux.Handle("POST /menus/withdraw", ask(m.withdraw))
	mux.Handle("POST /menus/traffic", ask(m.traffic))
	mux.Handle("POST /menus/walks", ask(m.walks))
}

func (m menuDesk) list(context.Context, menuAsk) ([]menuState, error) {
	all := []menuState{}
	for _, s := range m.States() {
		state := menuState{Menu: s.Menu, File: s.File, Version: s.Version, Trial: s.Trial, Share: s.Share}
		if s.Wrong != nil {
			state.Wrong = menus.Brief(s.Wrong)
		}
		all = append(all, state)
	}
	return all, nil
}

func (m menuDesk) log(ctx context.Context, q menuAsk) ([]menuChange, error) {
	all := []menuChange{}
	changes, err := m.Changes(ctx, q.Most)
	for _, c := range changes {
		if q.Menu == "" || q.Menu == c.Menu {
			all = append(all, menuChange(c))
		}
	}
	return all, err
}

func (m menuDesk) show(ctx context.Context, q menuAsk) (menuAnswer, error) {
	found, err := m.Version(ctx, q.Menu, q.Version)
	if err != nil {
		return menuAnswer{}, err
	}
	return menuAnswer{Menu: q.Menu, Version: found.Version(), Text: found.Source()}, nil
}

func (m menuDesk) reload(ctx context.Context, q menuAsk) (menuAnswer, error) {
	wrong, err := m.Reload(ctx, q.By)
	if len(wrong) == 0 || err != nil {
		return menuAnswer{}, err
	}
	return menuAnswer{Wrong: m.Faults()}, nil
}

func (m menuDesk) rollback(ctx context.Context, q menuAsk) (menuAnswer, error) {
	menu, version, err := m.Rollback(ctx, q.Menu, q.Version, q.By)
	return menuAnswer{Menu: menu, Version: version}, err
}

func (m menuDesk) trial(ctx context.Context, q menuAsk) (menuAnswer, error) {
	version, err := m.Trial(ctx, q.Menu, q.Text, q.Share, q.By)
	return menuAnswer{Menu: q.Menu, Version: version}, err
}

func (m menuDesk) promote(ctx context.Context, q menuAsk) (menuAnswer, error) {
	version, err := m.Promote(ctx, q.Menu, q.By)
	return menuAnswer{Menu: q.Menu, Version: version}, err
}

func (m menuDesk) withdraw(ctx context.Context, q menuAsk) (menuAnswer, error) {
	version, err := m.Withdraw(ctx, q.Menu, q.By)
	return menuAnswer{Menu: q.Menu, Version: version}, err
}

// askMenus asks the service that runs on the data of a configuration, or the
// data itself.
func askMenus[A any](ctx context.Context, file, path string, q menuAsk, do func(menuDesk, context.Context, menuAsk) (A, error)) (A, error) {
	var none A
	c, err := loadConfig(file)
	if err != nil && !c.sound {
		return none, err
	}
	q.By = shellActor()
	if remote := dialDesk(ctx, c.Data); remote != nil {
		defer remote.close()
		return put[A](ctx, remote, path, q)
	}
	return withKeeper(ctx, c, func(m menuDesk) (A, error) { return do(m, ctx, q) })
}

// shellActor is who types a command, as the journal names him.
func shellActor() string { return "shell:" + shellUser() }

// shellUser is who types a command, also behind sudo.
func shellUser() string {
	if name := os.Getenv("SUDO_USER"); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
