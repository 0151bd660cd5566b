/*
Package study holds the experiments behind figures and tables of the notebooks: who races,
on what, for how long, and which rows of the ledger that answers. A notebook names the
methods and says what it claims; grids, streams and tables of many cells are here, one
file for a section of a paper or a family of experiments.
*/
package study
