//go:build purego || !(amd64 || arm64)

package kern

// machineSets returns nothing: there is plain Go alone.
func machineSets() []set { return nil }
