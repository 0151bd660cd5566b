// Package cite holds what the notebooks quote, as data: bibliography.bib has the works,
// and published one file a paper with its numbers and claims. It also defines the ledger
// row, which sets a published number beside ours.
//
// Nothing that is compared with a paper is typed into a notebook: the published
// side comes from [Get] and carries where it stands and how well it can be read,
// and our side comes from the run. An unknown key panics and names the nearest
// known ones, since a misspelt key is a mistake in the program.
package cite
