//go:build unix

package storetest

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// serverUser is who PostgreSQL must run as when we are root, which it refuses.
func serverUser() (uid, gid int, needed bool) {
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return 0, 0, false // initdb will say what is wrong
	}
	uid, _ = strconv.Atoi(u.Uid) // they are numbers on Unix
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true
}

func ownedByServer(dir string) error {
	uid, gid, needed := serverUser()
	if !needed {
		return nil
	}
	return os.Chown(dir, uid, gid)
}

func asServer(cmd *exec.Cmd) {
	uid, gid, needed := serverUser()
	if needed {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}} //nolint:gosec // they are small
	}
}
