{{- define "gpu-operator.labels" -}}
app.kubernetes.io/name: gpu-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "gpu-operator.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities: { drop: [ALL] }
readOnlyRootFilesystem: true
{{- end -}}

{{/* One part of node feature discovery. Takes root, part, kind, tolerations. */}}
{{- define "gpu-operator.nfd" -}}
apiVersion: apps/v1
kind: {{ .kind }}
metadata:
  name: {{ .root.Release.Name }}-node-feature-discovery-{{ .part }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "gpu-operator.labels" .root | nindent 4 }}
spec:
  selector:
    matchLabels: { app.kubernetes.io/name: node-feature-discovery, role: {{ .part }} }
  template:
    metadata:
      labels: { app.kubernetes.io/name: node-feature-discovery, role: {{ .part }} }
    spec:
      serviceAccountName: node-feature-discovery
      securityContext:
        runAsNonRoot: true
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: {{ .part }}
          image: registry.k8s.io/nfd/node-feature-discovery
          securityContext: {{- include "gpu-operator.containerSecurityContext" . | nindent 12 }}
      tolerations: {{- toYaml .tolerations | nindent 8 }}
{{- end -}}
