//go:build !js

package weights

import "embed"

// theta holds what ships with the module: trained θ with their cards, and a
// README that explains them.
//
//go:embed theta
var theta embed.FS
