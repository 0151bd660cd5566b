// Package trace measures runs. A race ([Race], [RaceFamily]) runs rules from the same
// starts on the same problems and looks at them by a [Measure]: the relative gap to a
// certified optimum, or any other number of a problem and a point. Its [Results] answer
// questions, and make curves and tables that anything can draw. A [Search] finds the
// constants of a rule by the same measures.
package trace
