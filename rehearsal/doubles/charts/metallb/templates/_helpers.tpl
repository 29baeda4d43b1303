{{/* Labels that select the pods of one part; takes the root and the part. */}}
{{- define "metallb.selector" -}}
app.kubernetes.io/name: metallb
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "metallb.labels" -}}
{{ include "metallb.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* ServiceAccount of one part, and leave to do what its rules say. Takes root, part, rules. */}}
{{- define "metallb.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .root.Release.Name }}-{{ .part }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "metallb.labels" . | nindent 4 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .root.Release.Name }}:{{ .part }}
  labels: {{- include "metallb.labels" . | nindent 4 }}
rules: {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .root.Release.Name }}:{{ .part }}
  labels: {{- include "metallb.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .root.Release.Name }}:{{ .part }}
subjects:
  - kind: ServiceAccount
    name: {{ .root.Release.Name }}-{{ .part }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}

{{/* Lets parts do in their own namespace what the rules say. Takes root, name, rules, parts. */}}
{{- define "metallb.role" -}}
{{- $root := .root -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $root.Release.Name }}-{{ .name }}
  namespace: {{ $root.Release.Namespace }}
rules: {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $root.Release.Name }}-{{ .name }}
  namespace: {{ $root.Release.Namespace }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $root.Release.Name }}-{{ .name }}
subjects:
  {{- range .parts }}
  - kind: ServiceAccount
    name: {{ $root.Release.Name }}-{{ . }}
    namespace: {{ $root.Release.Namespace }}
  {{- end }}
{{- end -}}
