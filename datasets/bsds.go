package datasets

import (
	"context"
	"fmt"
)

const (
	bsdsURL     = "https://raw.githubusercontent.com/BIDS/BSDS500/master/BSDS500/data/images/test/"
	bsdsArchive = "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz"
	bsdsFolder  = "bsds500-test"
)

// bsdsTest are the first twenty of the 200 test images in the order of their names.
var bsdsTest = []struct{ name, sha256 string }{
	{"100007", "464449ecba30a5a5c229c0133059c83b034e9000bd1d7752a189a8cf21182bf9"},
	{"100039", "418366bbb4f0f4c2200b93e8bda153ab84809fe873a371b32e7cc36c2d091cc3"},
	{"100099", "e5a275fcafb0dc986d802037210989f4852bfb09bd19e525c3b7719104f1fc77"},
	{"10081", "ce1a8bd8da460cf2606b6b5fd55762f8e13b2576fff508228ac24c80839db389"},
	{"101027", "22903efe16abd94cfd821952de276cc36c531070c27bd84de7a3fb958bd64bc9"},
	{"101084", "6bfa36b8e03b12a83abcfd59c5ccdc89334ea23761f11242d5903935ad292d0c"},
	{"102062", "242ea9821b189197d436da1b252325f5e7850248c5d57da53cec29c37ba0773d"},
	{"103006", "67968e9d84cd4c69dea832184ba910d4851c284fcc65a38ed6aee89f2a3a72c1"},
	{"103029", "a05f1c0b30f4e18ad31364abacb54ec55300704ff3a4f8b2889f400bc3757da1"},
	{"103078", "2b21f416993ca1ef49aafa28e5b7f463713dc1b1d510144c673d8b72e035c1f7"},
	{"104010", "1f8516487071b94e3820d833c4795c788ef8df130cb8f7fccf0b87f4cd952339"},
	{"104055", "d2de9fccbf15edde57948cda64ae034a92b14ab2ecefb7d77a436151c8dd7751"},
	{"105027", "f6cba0ae618d793b67729ba561461be7b5339aeaad27429f3a2804f588a4e623"},
	{"106005", "35cd328a7d0e4bcaccbdb8154ec5ebbc8f24439807e573b2fe4a4996ea802bed"},
	{"106047", "2e6250fdfdd796b6d63924233362eb8a194f10466d8d7d69a60cc3ef51a2c356"},
	{"107014", "7bba718bed4919723a576cad0623c0a10e92b8c707d35196180257a3e867cfcd"},
	{"107045", "11ee811a5c67b3499eabbafc9157cd0bce74df369c57e18c988123f576a6f20c"},
	{"107072", "faa70504470e50ea37c0ad01f7f2c2e8682098af3630064a3ca02f6261b2e076"},
	{"108004", "3fb004a47be33dca07744000e794b0ca3cff2251ba85a99f46ccf34d3b9b29df"},
	{"108036", "f24bee7977df112c548f5cd02cb8342784df2582dbb11853b80d59ccd01a62e2"},
}

func bsdsFiles() []file {
	var fs []file
	for _, b := range bsdsTest {
		fs = append(fs, file{Name: bsdsFolder + "/" + b.name + ".jpg", URL: bsdsURL + b.name + ".jpg", SHA256: b.sha256, Max: 1 << 20})
	}
	return fs
}

// BSDS500 returns twenty photographs, the first of the 200 test images of the Berkeley
// Segmentation Data Set (Martin et al. 2001; Arbeláez et al. 2011) in the order of
// their names: 481×321 or 321×481 pixels, gray in [0, 1]. Twenty are 3 million places
// for a patch; [ReadImages] reads all 200 from your own copy.
//
// The error is an [*UnavailableError] when an image is neither in the folder
// bsds500-test of the data folder nor to be had from the network.
func BSDS500(ctx context.Context) (Images, error) { return bsds500(ctx, bsdsFiles()) }

func bsds500(ctx context.Context, files []file) (Images, error) {
	out := Images{Name: fmt.Sprintf("BSDS500 (%d test images)", len(files))}
	for i, f := range files {
		content, path, err := f.load(ctx)
		if err != nil {
			return Images{}, fmt.Errorf("datasets: BSDS500: %d of %d images are here (all of them are in %s): %w", i, len(files), bsdsArchive, err)
		}
		img, err := decode(path, content)
		if err != nil {
			return Images{}, fmt.Errorf("datasets: %w", err)
		}
		out.All = append(out.All, img)
		out.Source = path
	}
	return out, nil
}

// BSDS500OrStandIn returns [BSDS500] when it can be had, and otherwise the stand-in
// with a fixed seed together with the reason, like [IonosphereOrStandIn].
func BSDS500OrStandIn(ctx context.Context) (Images, error) {
	m, err := BSDS500(ctx)
	if err != nil {
		return BSDS500StandIn(standInSeed), err
	}
	return m, nil
}
