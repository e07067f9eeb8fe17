{{- define "tenstorrent-exporter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "tenstorrent-exporter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 45 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "tenstorrent-exporter.name" . -}}
{{- /* Room for "-allocation-server" within 63 characters. */ -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 45 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tenstorrent-exporter.serverName" -}}
{{- include "tenstorrent-exporter.fullname" . }}-allocation-server
{{- end -}}

{{- define "tenstorrent-exporter.labels" -}}
{{ include "tenstorrent-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tenstorrent-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "tenstorrent-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tenstorrent-exporter.componentLabels" -}}
{{ include "tenstorrent-exporter.selectorLabels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "tenstorrent-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "tenstorrent-exporter.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- define "tenstorrent-exporter.priorityClassName" -}}
{{- if .Values.priorityClass.create -}}
{{- .Values.priorityClass.name | default (include "tenstorrent-exporter.fullname" .) -}}
{{- else -}}
{{- .Values.priorityClass.name -}}
{{- end -}}
{{- end -}}

{{- define "tenstorrent-exporter.image" -}}
{{- $repository := required "say where your registry has the image: image.repository" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* What pods of both DaemonSets have in common: where they run, as whom, and how they see processes. */ -}}
{{- define "tenstorrent-exporter.podSpec" -}}
serviceAccountName: {{ include "tenstorrent-exporter.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
# PIDs in the metrics and in regions are the host's.
hostPID: true
{{- with include "tenstorrent-exporter.priorityClassName" . }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeLabels }}
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
        {{- range . }}
        - matchExpressions:
            - key: {{ .key }}
              operator: In
              values: [{{ .value | quote }}]
        {{- end }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* .user, .group, .capabilities and .seLinuxType; .root is the chart's context. */ -}}
{{- define "tenstorrent-exporter.securityContext" -}}
runAsUser: {{ .user }}
runAsGroup: {{ .group }}
runAsNonRoot: {{ ne (int .user) 0 }}
privileged: false
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  {{- with .capabilities }}
  add:
    {{- toYaml . | nindent 4 }}
  {{- end }}
seccompProfile:
  type: RuntimeDefault
{{- with .seLinuxType }}
seLinuxOptions:
  type: {{ . }}
{{- end }}
{{- end -}}

{{- /* A folder of the node, for reading only: mounts below it too, where the cluster can say so. */ -}}
{{- define "tenstorrent-exporter.readOnly" -}}
readOnly: true
{{- if semverCompare ">=1.31.0-0" .Capabilities.KubeVersion.Version }}
recursiveReadOnly: IfPossible
{{- end }}
{{- end -}}

{{- /* Where the allocation server's socket is on the node; empty: nowhere. */ -}}
{{- define "tenstorrent-exporter.allocationSocket" -}}
{{- if eq .Values.allocationServer.mode "host" -}}
{{- .Values.allocationServer.host.socket -}}
{{- else if eq .Values.allocationServer.mode "daemonset" -}}
{{- .Values.allocationServer.daemonset.directory }}/tt_allocation_server.sock
{{- end -}}
{{- end -}}

{{- define "tenstorrent-exporter.readerArgs" -}}
- reader
- --listen=/run/tenstorrent-exporter/reader.sock
- --path.sysfs=/host/sys
- --path.procfs=/host/proc
- --path.shm=/host/dev/shm
{{- if eq .Values.podNames "logs" }}
- --path.pod-logs=/host/var/log/pods
{{- else if eq .Values.podNames "kubelet" }}
- --kubernetes.pod-resources-socket=/host/var/lib/kubelet/pod-resources/kubelet.sock
{{- else }}
- --no-collector.kubernetes
{{- end }}
{{- with include "tenstorrent-exporter.allocationSocket" . }}
- --allocation-server.socket=/host/allocation-server/{{ base . }}
{{- else }}
- --no-collector.allocation_server
{{- end }}
{{- if eq .Values.allocationServer.mode "host" }}
{{- with .Values.allocationServer.host.owner }}
- --allocation-server.owner={{ . }}
{{- end }}
{{- end }}
{{- if .Values.maintenance.enabled }}
- --maintenance.file=/host/maintenance/{{ base .Values.maintenance.file }}
{{- end }}
{{- if .Values.capacity }}
- --capacity.config.file=/etc/tenstorrent-exporter/capacity/capacity.yaml
{{- end }}
{{- with .Values.reader.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* The folders of the node that the reader sees, and where it sees them. */ -}}
{{- define "tenstorrent-exporter.hostMounts" -}}
- { name: sys, path: /sys, type: Directory, mountPath: /host/sys }
- { name: proc, path: /proc, type: Directory, mountPath: /host/proc }
- { name: shm, path: /dev/shm, type: Directory, mountPath: /host/dev/shm }
{{- if eq .Values.podNames "logs" }}
- { name: pod-logs, path: /var/log/pods, type: Directory, mountPath: /host/var/log/pods }
- { name: container-logs, path: /var/log/containers, type: Directory, mountPath: /host/var/log/containers }
{{- else if eq .Values.podNames "kubelet" }}
- { name: pod-resources, path: /var/lib/kubelet/pod-resources, type: Directory, mountPath: /host/var/lib/kubelet/pod-resources }
{{- end }}
{{- with include "tenstorrent-exporter.allocationSocket" . }}
- { name: allocation-server, path: {{ dir . }}, type: DirectoryOrCreate, mountPath: /host/allocation-server }
{{- end }}
{{- if .Values.maintenance.enabled }}
- { name: maintenance, path: {{ dir .Values.maintenance.file }}, type: DirectoryOrCreate, mountPath: /host/maintenance }
{{- end }}
{{- end -}}

{{- /* Before Kubernetes 1.30 the profile was an annotation. */ -}}
{{- define "tenstorrent-exporter.appArmorAnnotation" -}}
{{- if eq .appArmorProfile "Localhost" -}}
localhost/{{ .appArmorLocalhostProfile }}
{{- else -}}
{{- ternary "unconfined" "runtime/default" (eq .appArmorProfile "Unconfined") -}}
{{- end -}}
{{- end -}}
