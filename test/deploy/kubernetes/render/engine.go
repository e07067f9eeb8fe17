package main

import (
	"encoding/json"
	"fmt"
	"path"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

// As deep as Helm lets a template include itself.
const maxInclude = 1000

// renderAll gives the manifests of all templates, or of those asked for, each below a line that names its template.
func renderAll(from *chart, root map[string]interface{}, only []string) (string, error) {
	engine := newEngine()
	name, _ := from.metadata["Name"].(string)
	names := make([]string, 0, len(from.templates))
	for file, text := range from.templates {
		if _, err := engine.New(name + "/" + file).Parse(text); err != nil {
			return "", err
		}
		names = append(names, file)
	}
	sort.Strings(names)
	var all []string
	for _, file := range names {
		if !shown(file, only) {
			continue
		}
		full := name + "/" + file
		root["Template"] = map[string]interface{}{"Name": full, "BasePath": name + "/templates"}
		var out strings.Builder
		if err := engine.ExecuteTemplate(&out, full, root); err != nil {
			return "", err
		}
		all = append(all, documents(full, strings.ReplaceAll(out.String(), "<no value>", ""))...)
	}
	return inOrder(all), nil
}

// shown leaves out what only defines something, and, unless it is asked for, the text for people.
func shown(file string, only []string) bool {
	if len(only) > 0 {
		return contains(only, file)
	}
	base := path.Base(file)
	return !strings.HasPrefix(base, "_") && base != "NOTES.txt"
}

// documents splits what a template gave, and names the template above each.
func documents(source, text string) []string {
	var all []string
	for _, document := range strings.Split("\n"+text, "\n---") {
		if trimmed := strings.TrimSpace(document); trimmed != "" {
			all = append(all, fmt.Sprintf("---\n# Source: %s\n%s\n", source, trimmed))
		}
	}
	return all
}

func newEngine() *template.Template {
	engine := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	// Helm has not these: what a chart gives must not depend on the machine.
	delete(functions, "env")
	delete(functions, "expandenv")
	functions["toYaml"] = toYaml
	functions["fromYaml"] = fromYaml
	functions["fromYamlArray"] = fromYamlArray
	functions["toJson"] = toJSON
	functions["required"] = required
	functions["lookup"] = func(string, string, string, string) map[string]interface{} {
		return map[string]interface{}{}
	}
	depth := map[string]int{}
	functions["include"] = func(name string, data interface{}) (string, error) {
		if depth[name]++; depth[name] > maxInclude {
			return "", fmt.Errorf("%s includes itself for ever", name)
		}
		defer func() { depth[name]-- }()
		var out strings.Builder
		err := engine.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := engine.Clone()
		if err != nil {
			return "", err
		}
		if copied, err = copied.New("tpl").Parse(text); err != nil {
			return "", err
		}
		var out strings.Builder
		err = copied.Execute(&out, data)
		return strings.ReplaceAll(out.String(), "<no value>", ""), err
	}
	return engine.Funcs(functions)
}

func toYaml(value interface{}) (string, error) {
	content, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(content), "\n"), err
}

func fromYaml(text string) (map[string]interface{}, error) {
	value := map[string]interface{}{}
	err := yaml.Unmarshal([]byte(text), &value)
	return value, err
}

func fromYamlArray(text string) ([]interface{}, error) {
	value := []interface{}{}
	err := yaml.Unmarshal([]byte(text), &value)
	return value, err
}

func toJSON(value interface{}) (string, error) {
	content, err := json.Marshal(value)
	return string(content), err
}

func required(message string, value interface{}) (interface{}, error) {
	if value == nil || value == "" {
		return nil, fmt.Errorf("%s", message)
	}
	return value, nil
}

func contains(all []string, one string) bool {
	for _, each := range all {
		if each == one {
			return true
		}
	}
	return false
}
