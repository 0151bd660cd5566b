package kernelext

import "github.com/l2olab/l2o/kernelext/play"

// Play shows a playground of package play: a picture that the reader moves, computed in the
// page by the library itself. It needs neither kernel nor Setup. What runs in the page is
// built by lab, which JupyterLab serves it from, or beside the pages of an export; elsewhere
// its first scene stands as a picture, which says where it can be played.
func Play(name string) {
	p, err := play.Find(name)
	if err != nil {
		emit(complaint("Playground "+name, err))
		return
	}
	emit(playground(p))
}

// playground is the output of a playground.
func playground(p play.Playground) output {
	png, err := p.Still()
	if err != nil {
		return complaint(p.Title, err)
	}
	text := p.Title + "\n" + p.How + "\n" + p.First().Says + "\n" + play.StillHint + "\n"
	return output{html: p.HTML(png), png: png, text: text}
}
