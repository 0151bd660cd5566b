//go:build js

package weights

import "embed"

// theta holds what a page can play with. The others would quadruple what it has to load
// before anything moves.
//
//go:embed theta/l2opa-lasso-20x40.safetensors theta/alista-minimise-25x50.safetensors
var theta embed.FS
