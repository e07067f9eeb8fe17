// Command render does what "helm template" does with a chart that has no others below it, for places without Helm:
// Go's templates, Sprig's functions and those that Helm adds. It needs Debian's packages of Go and Sprig only.
package main

import (
	"flag"
	"fmt"
	"os"
)

type list []string

func (l *list) String() string { return fmt.Sprint(*l) }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func main() {
	var valueFiles, apiVersions, only list
	release := flag.String("release", "release-name", "name of the release")
	namespace := flag.String("namespace", "default", "namespace of the release")
	kubeVersion := flag.String("kube-version", "v1.34.0", "version of the cluster")
	flag.Var(&valueFiles, "values", "file with values; several are laid over each other")
	flag.Var(&apiVersions, "api-versions", "API that the cluster has, group/version or group/version/Kind")
	flag.Var(&only, "show-only", "template to show, templates/…; all by default")
	flag.Parse()
	text, err := render(flag.Arg(0), request{valueFiles, *release, *namespace, *kubeVersion, apiVersions, only})
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
	fmt.Print(text)
}

type request struct {
	valueFiles  []string
	release     string
	namespace   string
	kubeVersion string
	apiVersions []string
	only        []string
}

func render(folder string, asked request) (string, error) {
	chart, err := loadChart(folder)
	if err != nil {
		return "", err
	}
	values, err := layered(chart.values, asked.valueFiles)
	if err != nil {
		return "", err
	}
	capabilities, err := newCapabilities(asked.kubeVersion, asked.apiVersions)
	if err != nil {
		return "", err
	}
	root := map[string]interface{}{
		"Values":       values,
		"Chart":        chart.metadata,
		"Files":        chart.files,
		"Capabilities": capabilities,
		"Release": map[string]interface{}{
			"Name":      asked.release,
			"Namespace": asked.namespace,
			"Service":   "Helm",
			"IsInstall": true,
			"IsUpgrade": false,
			"Revision":  1,
		},
	}
	return renderAll(chart, root, asked.only)
}
