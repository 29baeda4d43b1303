{{- define "gpu-operator.labels" -}}
app.kubernetes.io/name: gpu-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{/* Labels that select the pods of one part of node feature discovery; takes the root and the part. */}}
{{- define "gpu-operator.nfdSelector" -}}
app.kubernetes.io/name: node-feature-discovery
app.kubernetes.io/instance: {{ .root.Release.Name }}
role: {{ .part }}
{{- end -}}

{{- define "gpu-operator.nfdImage" -}}
registry.k8s.io/nfd/node-feature-discovery:v0.19.0
{{- end -}}

{{/* As published: node feature discovery is confined, the operator is not. */}}
{{- define "gpu-operator.nfdSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities: { drop: [ALL] }
readOnlyRootFilesystem: true
runAsNonRoot: true
{{- end -}}

{{/* One part of node feature discovery. Takes root, part, kind, memory, tolerations, hostPaths (path by name). */}}
{{- define "gpu-operator.nfd" -}}
apiVersion: apps/v1
kind: {{ .kind }}
metadata:
  name: {{ .root.Release.Name }}-node-feature-discovery-{{ .part }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "gpu-operator.nfdSelector" . | nindent 4 }}
spec:
  selector:
    matchLabels: {{- include "gpu-operator.nfdSelector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "gpu-operator.nfdSelector" . | nindent 8 }}
    spec:
      serviceAccountName: node-feature-discovery
      priorityClassName: system-node-critical
      securityContext: {{- (index .root.Values "node-feature-discovery" .part).podSecurityContext | toYaml | nindent 8 }}
      containers:
        - name: {{ .part }}
          image: {{ include "gpu-operator.nfdImage" . }}
          ports:
            - { name: http, containerPort: 8080 }
          resources: { limits: { memory: {{ .memory }} } }
          securityContext: {{- include "gpu-operator.nfdSecurityContext" . | nindent 12 }}
          {{- with .hostPaths }}
          volumeMounts:
            {{- range $name, $path := . }}
            - { name: {{ $name }}, mountPath: {{ printf "/%s" $name }}, readOnly: true }
            {{- end }}
          {{- end }}
      {{- with .hostPaths }}
      volumes:
        {{- range $name, $path := . }}
        - name: {{ $name }}
          hostPath: { path: {{ $path }} }
        {{- end }}
      {{- end }}
      tolerations: {{- toYaml .tolerations | nindent 8 }}
{{- end -}}

{{/* A hook with the operator's image. Takes root, job, hook, weight, account. */}}
{{- define "gpu-operator.job" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: gpu-operator-{{ .job }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "gpu-operator.labels" .root | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: hook-succeeded,before-hook-creation
spec:
  template:
    metadata:
      labels:
        app.kubernetes.io/component: gpu-operator
        {{- include "gpu-operator.labels" .root | nindent 8 }}
    spec:
      serviceAccountName: {{ .account }}
      restartPolicy: OnFailure
      containers:
        - name: {{ .job }}
          image: nvcr.io/nvidia/gpu-operator:{{ .root.Chart.AppVersion }}
      tolerations: {{- toYaml .root.Values.operator.tolerations | nindent 8 }}
{{- end -}}
