// Package weights holds the trained parameters that ship with the module, and reads
// and writes those of a reader: [Load] by name, [Rule] for the rule alone, [LoadFile]
// from disk, each with a [Card] that says where they come from and what they are for.
package weights
