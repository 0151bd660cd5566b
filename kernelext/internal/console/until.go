package console

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// UntilTheEnd returns a context that ends when somebody asks us to, or when the process that has started us is gone: a signal to
// "go run" ends the go command alone. Who has told us to ignore hang-ups, as nohup does, wants us to outlive that.
func UntilTheEnd() (context.Context, context.CancelFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	stay := signal.Ignored(syscall.SIGHUP)
	if !stay {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	if parent := os.Getppid(); !stay {
		go func() {
			for ctx.Err() == nil {
				time.Sleep(200 * time.Millisecond)
				if os.Getppid() != parent {
					stop()
				}
			}
		}()
	}
	return ctx, stop
}
