package api

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holdless/holdless/internal/accounts"
	"github.com/holdless/holdless/internal/menus"
)

// A Menu is how it stands with one menu.
type Menu struct {
	Menu    string `json:"menu"`
	File    string `json:"file" doc:"Empty for one that ships with holdless"`
	Version string `json:"version"`
	Trial   string `json:"trial" doc:"The version on trial; empty for none"`
	Share   int    `json:"share" doc:"Of a hundred callers, who hear it"`
	Mistake string `json:"mistake" doc:"Why the file is not live as it is"`
}

// An Article is what agents look up.
type Article struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Topics []string `json:"topics"`
	Tags   []string `json:"tags"`
	Text   string   `json:"text"`
}

func (s *Server) others(a huma.API) {
	register(a, operation{
		name: "list-menus", method: http.MethodGet, path: "/menus", scope: accounts.ReadMenus, about: "List the menus, as callers hear them",
	}, func(context.Context, *struct{}) (*menusPage, error) { return s.menus(), nil })
	register(a, operation{
		name: "reload-menus", method: http.MethodPost, path: "/menus/reload", scope: accounts.WriteMenus,
		about: "Take in the files of menus now; one with mistakes changes nothing",
	}, s.reload)
	register(a, operation{
		name: "find-articles", method: http.MethodGet, path: "/articles", scope: accounts.ReadMenus, about: "Find articles, the best first; all without words",
	}, s.articles)
}

type menusPage struct {
	Body struct {
		Menus []Menu `json:"menus"`
	}
}

func (s *Server) menus() *menusPage {
	p := &menusPage{}
	p.Body.Menus = []Menu{}
	for _, st := range s.Menus.States() {
		m := Menu{Menu: st.Menu, File: st.File, Version: st.Version, Trial: st.Trial, Share: st.Share}
		if st.Wrong != nil {
			m.Mistake = menus.Brief(st.Wrong)
		}
		p.Body.Menus = append(p.Body.Menus, m)
	}
	return p
}

func (s *Server) reload(ctx context.Context, _ *struct{}) (*menusPage, error) {
	if _, err := s.Menus.Reload(ctx, callerOf(ctx).actor); err != nil {
		return nil, s.explain(err)
	}
	return s.menus(), nil
}

type articlesAsk struct {
	Words string `query:"words" maxLength:"200"`
	Topic string `query:"topic" maxLength:"200" doc:"The matter, as menus note it"`
}

type articlesPage struct {
	Body struct {
		Articles  []Article `json:"articles"`
		Checklist []string  `json:"checklist" doc:"Of the topic"`
	}
}

func (s *Server) articles(_ context.Context, q *articlesAsk) (*articlesPage, error) {
	book := s.Articles()
	hits := book.Find(q.Words)
	if q.Topic != "" {
		hits = book.About(q.Topic, q.Words)
	}
	p := &articlesPage{}
	p.Body.Articles, p.Body.Checklist = []Article{}, append([]string{}, book.Checklists[q.Topic]...)
	for _, h := range hits {
		p.Body.Articles = append(p.Body.Articles, article(h.Name, h.Title, h.Topics, h.Tags, h.Text))
	}
	if q.Words == "" && q.Topic == "" {
		for _, name := range slices.Sorted(maps.Keys(book.Articles)) {
			a := book.Articles[name]
			p.Body.Articles = append(p.Body.Articles, article(name, a.Title, a.Topics, a.Tags, a.Text))
		}
	}
	return p, nil
}

func article(name, title string, topics, tags []string, text string) Article {
	return Article{name, title, append([]string{}, topics...), append([]string{}, tags...), text}
}
