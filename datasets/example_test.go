package datasets_test

import (
	"fmt"

	"github.com/l2olab/l2o/datasets"
)

func ExampleReadCSV() {
	_, err := datasets.ReadCSV("testdata/people.csv", datasets.CSVOptions{Label: "adult", Positive: "yes"})
	fmt.Println(err)
	t, err := datasets.ReadCSV("testdata/people.csv", datasets.CSVOptions{Label: "class", Positive: "yes"})
	fmt.Println(t, err)
	// Output:
	// datasets: testdata/people.csv: there is no column "adult"; there are: age, height, class
	// people: 2 samples × 2 features, 1 labelled 1 <nil>
}

func ExampleIonosphereStandIn() {
	t := datasets.IonosphereStandIn(1)
	fmt.Println(t)
	fmt.Println(t.StandIn, t.Source)
	// Output:
	// Ionosphere stand-in (synthetic): 351 samples × 34 features, 225 labelled 1
	// true datasets.IonosphereStandIn(1)
}
