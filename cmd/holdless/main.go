// Command holdless answers calls, promises callbacks, and keeps them.
package main

func main() {}
