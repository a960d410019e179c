package storetest

import "os/exec"

func ownedByServer(string) error { return nil }

func asServer(*exec.Cmd) {}
