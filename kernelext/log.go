package kernelext

import (
	"log/slog"
	"os"

	"github.com/janpfeifer/gonb/gonbui"
)

// In a notebook slog writes without the time of day, so that a cell that is run
// again shows the same bytes.
func init() {
	if !gonbui.IsNotebook {
		return
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	})))
}
