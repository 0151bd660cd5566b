// Command wasm is what a page runs: the playgrounds of package play as functions of
// JavaScript. It has no output of its own.
package main
