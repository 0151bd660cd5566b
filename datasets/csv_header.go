package datasets

import (
	"fmt"
	"strings"
)

// header decides which columns are features and which is the label.
func (p *csvParser) header(first []string) error {
	p.names = numbered(len(first))
	if !p.opt.NoHeader {
		for j, s := range first {
			p.names[j] = strings.TrimSpace(s)
		}
		if err := p.areNames(); err != nil {
			return err
		}
	}
	at := make(map[string]int, len(p.names))
	for j, name := range p.names {
		if _, twice := at[name]; twice {
			return fmt.Errorf("two columns are called %q; names must differ", name)
		}
		at[name] = j
	}
	column := func(name string) (int, error) {
		j, ok := at[name]
		if !ok {
			return 0, fmt.Errorf("there is no column %q; there are: %s", name, list(p.names))
		}
		return j, nil
	}
	p.label = -1
	if p.opt.Label != "" {
		j, err := column(p.opt.Label)
		if err != nil {
			return err
		}
		p.label = j
	}
	return p.features(column)
}

// features chooses those columns.
func (p *csvParser) features(column func(name string) (int, error)) error {
	chosen := map[string]bool{}
	for _, name := range p.opt.Columns {
		j, err := column(name)
		switch {
		case err != nil:
			return err
		case j == p.label:
			return fmt.Errorf("column %q is the label and cannot be a feature too", name)
		case chosen[name]:
			return fmt.Errorf("the option Columns names %q twice", name)
		}
		chosen[name] = true
		p.use = append(p.use, j)
	}
	if p.opt.Columns != nil {
		if len(p.use) == 0 {
			return fmt.Errorf("the option Columns is empty and not nil: no column is left for features, of %s", list(p.names))
		}
		return nil
	}
	for j, name := range p.names {
		if j == p.label {
			continue
		}
		if name == "" {
			return fmt.Errorf("column %d has no name; give it one, or list the others in Columns (an index? pandas leaves it out with index=False)", j+1)
		}
		p.use = append(p.use, j)
	}
	if len(p.use) == 0 {
		return fmt.Errorf("no column is left for features; it has only %s", list(p.names))
	}
	return nil
}

// areNames refuses a first line that holds data: it would be lost.
func (p *csvParser) areNames() error {
	var numbers []string
	data := 0
	for _, name := range p.names {
		if isNumber(name) {
			numbers = append(numbers, name)
		}
		if isNumber(name) || isMissing(name) {
			data++
		}
	}
	if len(numbers) > 0 && data == len(p.names) {
		return fmt.Errorf("the first line holds numbers, %q, where the names of the columns should be: add a line of names, or set NoHeader", p.names[:min(20, len(p.names))])
	}
	if len(numbers) > 0 && p.opt.Label == "" && p.opt.Columns == nil {
		return fmt.Errorf("the first line holds the numbers %q, and other texts: set NoHeader if it is data, or list the Columns if these are names", numbers[:min(20, len(numbers))])
	}
	return nil
}
