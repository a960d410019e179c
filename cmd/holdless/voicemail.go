package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/holdless/holdless/internal/mailbox"
	"github.com/holdless/holdless/scheduler"
)

// mailbox is where the messages of callers are kept.
func (c config) mailbox() *mailbox.Mailbox {
	return &mailbox.Mailbox{Dir: filepath.Join(c.Data, "voicemail")}
}

// checkVoicemail finds queues that take messages which no menu lets anybody leave.
func (c *config) checkVoicemail(r *reader) {
	for name, q := range c.Queues {
		if q.Voicemail <= 0 {
			continue
		}
		may := false
		var menus []string
		for _, n := range c.Numbers {
			if m := c.menus[n.Menu]; n.Queue == name && m != nil {
				may = may || m.TakesMessages()
				menus = append(menus, n.Menu)
			}
		}
		slices.Sort(menus)
		if !may && len(menus) > 0 {
			r.blame(fmt.Errorf("queues.%s.voicemail: no node of %v lets a caller leave a message; add one that does voicemail", name, slices.Compact(menus)))
		}
	}
}

// forgetVoicemail removes the messages that are older than they may be kept.
func (s *service) forgetVoicemail() scheduler.Job {
	return scheduler.Job{Name: "voicemail", When: "45 3 * * *", CatchUp: 12 * time.Hour, Do: func(context.Context) error {
		return s.config.mailbox().Forget(time.Now().Add(-s.config.Retention.Voicemail.Duration()))
	}}
}
