package liveline

import "context"

// carry joins two whom an agent has left with each other. Who has taken over may put
// the person through once more.
func (c *conversation) carry(ctx context.Context, stays, third party) {
	defer c.survive()
	leave := stays.part
	defer func() {
		third.part()
		leave()
	}()
	p := c.holder.pairs.join(stays.talk, third.talk)
	defer c.holder.pairs.part(p)
	for {
		err := c.together(ctx, p, stays.leg, third.leg)
		t, asked := c.asks(err, p, third.leg)
		switch {
		case asked && t == nil:
		case !asked:
			return
		case t.By != third.leg || third.talk == "":
			t.Answer(errNobodyPutsThrough) // who has no talk with us is nobody's agent
		case !c.passOn(ctx, t, stays.leg, &third):
			c.forsake(ctx, stays.talk)
			leave = stays.desert
			return
		}
		c.holder.pairs.turnTo(p, third.talk)
	}
}

// forsake has the desk promise another call to a person for whom nobody is there.
func (c *conversation) forsake(ctx context.Context, talk string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), storeWithin)
	defer stop()
	if err := c.holder.Switchboard.Deserted(ctx, talk); err != nil {
		c.holder.Log.Error("end of a transfer not stored", "talk", talk, "err", err)
	}
}
