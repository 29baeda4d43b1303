{{/* Labels that select the pods of one part; takes the root and the part. */}}
{{- define "cert-manager.selector" -}}
app.kubernetes.io/name: {{ .part | eq "controller" | ternary "cert-manager" .part }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "cert-manager.labels" -}}
app: {{ .part | eq "controller" | ternary "cert-manager" .part }}
{{ include "cert-manager.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{- define "cert-manager.name" -}}
{{ .part | eq "controller" | ternary .root.Release.Name (printf "%s-%s" .root.Release.Name .part) }}
{{- end -}}

{{/* What the `restricted` Pod Security Standard asks of a pod. */}}
{{- define "cert-manager.podSecurityContext" -}}
runAsNonRoot: true
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{/* What it asks of a container. */}}
{{- define "cert-manager.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities: { drop: [ALL] }
readOnlyRootFilesystem: true
{{- end -}}

{{/* ServiceAccount, Deployment and, if asked for, PodDisruptionBudget of one part. Takes root, part, values, args, ports, env. */}}
{{- define "cert-manager.part" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "cert-manager.name" . }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "cert-manager.labels" . | nindent 4 }}
automountServiceAccountToken: {{ .values.serviceAccount.automountServiceAccountToken }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "cert-manager.name" . }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "cert-manager.labels" . | nindent 4 }}
spec:
  replicas: {{ .values.replicaCount }}
  selector:
    matchLabels: {{- include "cert-manager.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "cert-manager.labels" . | nindent 8 }}
    spec:
      serviceAccountName: {{ include "cert-manager.name" . }}
      {{- if hasKey .values "automountServiceAccountToken" }}
      automountServiceAccountToken: {{ .values.automountServiceAccountToken }}
      {{- end }}
      enableServiceLinks: false
      securityContext: {{- include "cert-manager.podSecurityContext" . | nindent 8 }}
      containers:
        - name: cert-manager-{{ .part }}
          image: quay.io/jetstack/cert-manager-{{ .part }}:{{ .root.Chart.AppVersion }}
          args: {{- toYaml .args | nindent 12 }}
          ports: {{- toYaml .ports | nindent 12 }}
          {{- with .env }}
          env: {{- toYaml . | nindent 12 }}
          {{- end }}
          resources: {{- toYaml .values.resources | nindent 12 }}
          securityContext: {{- include "cert-manager.containerSecurityContext" . | nindent 12 }}
      nodeSelector: { kubernetes.io/os: linux }
{{- if .values.podDisruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "cert-manager.name" . }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "cert-manager.labels" . | nindent 4 }}
spec:
  selector:
    matchLabels: {{- include "cert-manager.selector" . | nindent 6 }}
  {{- with omit .values.podDisruptionBudget "enabled" | default (dict "minAvailable" 1) }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Lets one part do what its rules say, everywhere. Takes root, part, rules. */}}
{{- define "cert-manager.clusterRole" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ include "cert-manager.name" . }}
  labels: {{- include "cert-manager.labels" . | nindent 4 }}
rules: {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "cert-manager.name" . }}
  labels: {{- include "cert-manager.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ include "cert-manager.name" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "cert-manager.name" . }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}
