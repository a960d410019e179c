// Package liveline holds talks over live calls: it performs each turn itself,
// and waits, where a carrier with webhooks would loop for us.
package liveline
