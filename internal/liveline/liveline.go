// Package liveline holds talks over live calls: it performs each turn itself,
// and waits. Webhook carriers loop for us; here we loop.
package liveline
