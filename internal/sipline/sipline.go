// Package sipline is the line to SIP trunks and SIP telephones: it answers
// calls, places calls, and holds its guard against what strangers send.
//
// The layers, from the wire up: packets.go and listen.go have the sockets, guard.go decides
// what may enter, sipgo runs the transactions (RFC 3261, 17), dialog.go the
// dialogs (RFC 3261, 12), and leg.go is one call with its media, which package
// liveline holds a talk over.
package sipline
