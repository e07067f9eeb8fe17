package main

import (
	"fmt"

	"github.com/Masterminds/semver"
)

type kubeVersion struct {
	Version, Major, Minor string
}

func (v kubeVersion) String() string     { return v.Version }
func (v kubeVersion) GitVersion() string { return v.Version }

type versionSet []string

// Has says whether the cluster knows an API: policy/v1 or monitoring.coreos.com/v1/PodMonitor.
func (set versionSet) Has(version string) bool { return contains(set, version) }

type capabilities struct {
	KubeVersion kubeVersion
	APIVersions versionSet
}

func newCapabilities(version string, apis []string) (capabilities, error) {
	parsed, err := semver.NewVersion(version)
	if err != nil {
		return capabilities{}, fmt.Errorf("%q is no version: %w", version, err)
	}
	major, minor := fmt.Sprint(parsed.Major()), fmt.Sprint(parsed.Minor())
	return capabilities{kubeVersion{version, major, minor}, append(versionSet{"v1", "apps/v1"}, apis...)}, nil
}
