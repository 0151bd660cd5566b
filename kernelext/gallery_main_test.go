package kernelext
import ("testing";"os")
func TestZZ(t *testing.T){ if p:=os.Getenv("ZZ");p!=""{ Report(p); gallery() } }
