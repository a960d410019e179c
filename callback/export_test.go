package callback

// EveryReason are the sentences that say why a promise was not kept.
func EveryReason() []string {
	all := []string{nobodyFree, agentPutOff, dialingStopped, limitReached}
	for _, r := range reasons {
		all = append(all, r.why)
	}
	return all
}
