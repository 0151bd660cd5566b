package kernelext

import (
	"fmt"
	"html"
	"io"
	"log/slog"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/l2olab/l2o/kernelext/internal/draw"
)

// In a notebook slog writes among the outputs. Standard error would be a red box there,
// broken inside of words.
func init() {
	if gonbui.IsNotebook {
		slog.SetDefault(slog.New(logger(outputs{})))
	}
}

// logger writes without the time of day, so that a cell that is run again shows the same bytes.
func logger(to io.Writer) slog.Handler {
	return slog.NewTextHandler(to, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	})
}

// outputs takes each line for an output.
type outputs struct{}

func (outputs) Write(line []byte) (int, error) {
	emit(output{text: string(line), html: fmt.Sprintf(`<div style="border-left:4px solid %s;padding:.2em 1em;margin:.4em 0;font:13px/1.5 system-ui,sans-serif;overflow-wrap:break-word">%s</div>`,
		draw.Amber, html.EscapeString(string(line)))})
	return len(line), nil
}
