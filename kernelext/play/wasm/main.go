//go:build js

package main

import (
	"encoding/json"
	"fmt"
	"syscall/js"

	"github.com/l2olab/l2o/kernelext/play"
)

func main() {
	all := map[string]play.Playground{}
	for _, p := range play.All() {
		all[p.Name] = p
	}
	// draw(name, values as JSON, width, dark) is a play.Frame as JSON, or {error}.
	draw := func(_ js.Value, args []js.Value) any {
		return answer(func() (any, error) {
			p, ok := all[args[0].String()]
			if !ok {
				return nil, fmt.Errorf("there is no playground %q", args[0].String())
			}
			var v play.Values
			if err := json.Unmarshal([]byte(args[1].String()), &v); err != nil {
				return nil, err
			}
			if err := p.Check(v); err != nil {
				return nil, err
			}
			return p.Draw(v).Frame(args[2].Float(), args[3].Bool()), nil
		})
	}
	// controls(name) are the controls as JSON.
	controls := func(_ js.Value, args []js.Value) any {
		return answer(func() (any, error) {
			p, ok := all[args[0].String()]
			if !ok {
				return nil, fmt.Errorf("there is no playground %q", args[0].String())
			}
			return p.Controls, nil
		})
	}
	js.Global().Get("__l2oPlay").Call("ready", js.FuncOf(controls), js.FuncOf(draw))
	select {} // the functions live as long as the page
}

// answer is a result as JSON. A panic ends one answer and not the program.
func answer(f func() (any, error)) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = failure(fmt.Sprint(r))
		}
	}()
	v, err := f()
	if err != nil {
		return failure(err.Error())
	}
	b, err := json.Marshal(v)
	if err != nil {
		return failure(err.Error())
	}
	return string(b)
}

func failure(why string) string {
	b, err := json.Marshal(map[string]string{"error": why})
	if err != nil {
		return `{"error":"unknown"}`
	}
	return string(b)
}
