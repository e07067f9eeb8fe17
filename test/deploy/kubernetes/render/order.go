package main

import (
	"regexp"
	"sort"
	"strings"
)

// Kinds that others need are made first, as Helm does; what is not named here comes last.
var installOrder = []string{
	"Namespace", "NetworkPolicy", "PriorityClass", "SecurityContextConstraints", "ServiceAccount", "ConfigMap",
	"Service", "DaemonSet",
}

var kindLine = regexp.MustCompile(`(?m)^kind: (\w+)$`)

func rank(document string) int {
	match := kindLine.FindStringSubmatch(document)
	for index, kind := range installOrder {
		if match != nil && match[1] == kind {
			return index
		}
	}
	return len(installOrder)
}

func inOrder(documents []string) string {
	sort.SliceStable(documents, func(a, b int) bool { return rank(documents[a]) < rank(documents[b]) })
	return strings.Join(documents, "")
}
