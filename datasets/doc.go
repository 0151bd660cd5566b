// Package datasets reads the data that the notebooks use: two tables of the
// UCI repository, the images of MNIST, photographs of BSDS500 and patches of
// them, CIFAR-10 and MovieLens from your own copy, synthetic stand-ins, and the user's own CSV, NPY,
// IDX and image files.
//
// A data set is downloaded once, over https alone, checked against a known SHA-256, and
// kept in a folder, where a download that was interrupted goes on from NAME.part:
//
//   - $L2O_DATA when that is set. It must exist; files are looked for in it by their
//     usual names (ionosphere.data, spambase.data, t10k-images-idx3-ubyte.gz), the
//     photographs in its folder bsds500-test.
//   - l2o in the user's cache folder ([os.UserCacheDir]) otherwise.
//
// Without network the error is an [*UnavailableError], which says which file to
// fetch from where, what to call it, where to put it and what its SHA-256 is.
//
// A stand-in has [Table.StandIn], [Images.StandIn] or [Ratings.StandIn] set and says so in its
// Name, so that every caption made from the name says so too. Results on a stand-in are never
// compared with published numbers.
//
// A reader never sees half a file, also when several processes start at once: see package
// atomicfile. It reads a file as its format says or refuses it with the place and what to do;
// no row is left out and no column moves. What a header announces is compared
// with the size of the file before memory is asked for, 100 times that size at most
// (images: and 64 MiB).
package datasets
