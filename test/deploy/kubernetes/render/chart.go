package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

type chart struct {
	// Fields as templates know them: Name, AppVersion.
	metadata  map[string]interface{}
	values    map[string]interface{}
	templates map[string]string
	files     files
}

// files are those beside the templates, by their path below the chart's folder.
type files map[string][]byte

func (f files) Get(name string) string      { return string(f[name]) }
func (f files) GetBytes(name string) []byte { return f[name] }

// Glob is like Helm's but for "**", which this chart does not use.
func (f files) Glob(pattern string) files {
	found := files{}
	for name, content := range f {
		if matches, _ := path.Match(pattern, name); matches {
			found[name] = content
		}
	}
	return found
}

func loadChart(folder string) (*chart, error) {
	loaded := &chart{templates: map[string]string{}, files: files{}}
	err := filepath.Walk(folder, func(file string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		return loaded.add(filepath.ToSlash(name), content)
	})
	if err == nil && loaded.metadata == nil {
		err = fmt.Errorf("%s has no Chart.yaml", folder)
	}
	return loaded, err
}

func (c *chart) add(name string, content []byte) error {
	switch {
	case name == "Chart.yaml":
		fields := map[string]interface{}{}
		if err := yaml.UnmarshalStrict(content, &fields); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.metadata = map[string]interface{}{}
		for key, value := range fields {
			c.metadata[strings.ToUpper(key[:1])+key[1:]] = value
		}
	case name == "values.yaml":
		if err := yaml.UnmarshalStrict(content, &c.values); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	case strings.HasPrefix(name, "templates/"):
		c.templates[name] = string(content)
	case name != "values.schema.json" && name != ".helmignore":
		c.files[name] = content
	}
	return nil
}

// layered gives the chart's values with the files' laid over them, in their order; null takes a default away.
func layered(defaults map[string]interface{}, names []string) (map[string]interface{}, error) {
	values := defaults
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		over := map[string]interface{}{}
		if err := yaml.UnmarshalStrict(content, &over); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values = laidOver(values, over)
	}
	return values, nil
}

func laidOver(below, above map[string]interface{}) map[string]interface{} {
	result := map[string]interface{}{}
	for key, value := range below {
		result[key] = value
	}
	for key, value := range above {
		inner, isMap := value.(map[string]interface{})
		innerBelow, wasMap := result[key].(map[string]interface{})
		switch {
		case value == nil:
			delete(result, key)
		case isMap && wasMap:
			result[key] = laidOver(innerBelow, inner)
		default:
			result[key] = value
		}
	}
	return result
}
