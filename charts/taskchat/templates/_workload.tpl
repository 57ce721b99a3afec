{{/*
The resources that every serving component has. All take
(dict "root" $ "component" "chat-gateway" "values" .Values.chatGateway "port" 8000).
*/}}

{{/*
Deployment. Besides, it takes: "secretEnv": variable → key of the component's Secret, where it reads one;
"metrics": whether the process serves /metrics; "logLevelFile": whether it follows a file with its log level; "untraced": whether it makes no spans; "probeHost": the Host
header of probes. The ConfigMap of the same name holds all other variables, and is found by its path.
*/}}
{{- define "taskchat.deployment" -}}
{{- $name := include "taskchat.componentName" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels:
    {{- include "taskchat.labels" . | nindent 4 }}
spec:
  {{- if not .values.autoscaling.enabled }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate:
      # Never fewer pods than before: each one that goes takes its turns in flight along.
      maxUnavailable: 0
      maxSurge: 25%
  selector:
    matchLabels:
      {{- include "taskchat.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- with .values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "taskchat.labels" . | nindent 8 }}
      annotations:
        checksum/config: {{ include (printf "%s/%s/configmap.yaml" .root.Template.BasePath .component) .root | sha256sum }}
        {{- if .secretEnv }}
        checksum/secret: {{ include "taskchat.secretChecksum" . | quote }}
        {{- end }}
        {{- if and .metrics .root.Values.telemetry.scrapeAnnotations }}
        prometheus.io/scrape: "true"
        prometheus.io/port: "9464"
        prometheus.io/path: /metrics
        {{- end }}
        {{- with .values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ $name }}
      automountServiceAccountToken: false
      # Kubernetes would set AUTH_PORT=tcp://… for a Service named auth, and so on.
      enableServiceLinks: false
      {{- with include "taskchat.imagePullSecrets" .root }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with include "taskchat.scheduling" . | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      securityContext:
        {{- include "taskchat.podSecurityContext" . | nindent 8 }}
      terminationGracePeriodSeconds: {{ include "taskchat.terminationGracePeriodSeconds" . }}
      containers:
        - name: {{ .component }}
          image: {{ include "taskchat.image" . }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          securityContext:
            {{- include "taskchat.containerSecurityContext" . | nindent 12 }}
          ports:
            - name: http
              containerPort: {{ .port }}
            {{- if .metrics }}
            - name: metrics
              containerPort: 9464
            {{- end }}
          envFrom:
            - configMapRef:
                name: {{ $name }}
          {{- with include "taskchat.env" . | trim }}
          env:
            {{- . | nindent 12 }}
          {{- end }}
          startupProbe:
            {{- include "taskchat.probe" (dict "path" "/healthz" "host" .probeHost "probe" .values.probes.startup) | nindent 12 }}
          livenessProbe:
            {{- include "taskchat.probe" (dict "path" "/healthz" "host" .probeHost "probe" .values.probes.liveness) | nindent 12 }}
          readinessProbe:
            {{- include "taskchat.probe" (dict "path" "/readyz" "host" .probeHost "probe" .values.probes.readiness) | nindent 12 }}
          lifecycle:
            preStop:
              # Requests still come until every proxy knows that the pod is going: the kubelet waits,
              # no shell needed, and only then is SIGTERM sent.
              sleep:
                seconds: {{ .values.preStopSleepSeconds }}
          resources:
            {{- toYaml .values.resources | nindent 12 }}
          volumeMounts:
            {{- include "taskchat.tmpMount" . | nindent 12 }}
            {{- if .logLevelFile }}
            {{- include "taskchat.logLevelMount" . | nindent 12 }}
            {{- end }}
      volumes:
        {{- include "taskchat.tmpVolume" . | nindent 8 }}
        {{- if .logLevelFile }}
        {{- include "taskchat.logLevelVolume" . | nindent 8 }}
        {{- end }}
{{- end -}}

{{/* Variables that no ConfigMap can hold: secrets, what the pod alone knows, and what the values add. */}}
{{- define "taskchat.env" -}}
{{- range $variable, $key := .secretEnv }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ include "taskchat.secretOfKey" (dict "root" $.root "component" $.component "key" $key) | quote }}
      key: {{ $key }}
{{- end }}
{{- if not .untraced }}
{{- with include "taskchat.telemetryEnv" . }}
{{ . }}
{{- end }}
{{- end }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "taskchat.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "taskchat.componentName" . }}
  labels:
    {{- include "taskchat.labels" . | nindent 4 }}
spec:
  type: ClusterIP
  selector:
    {{- include "taskchat.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .port }}
      targetPort: http
      appProtocol: http
{{- end -}}

{{- define "taskchat.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "taskchat.componentName" . }}
  labels:
    {{- include "taskchat.labels" . | nindent 4 }}
# Nothing here speaks with the Kubernetes API.
automountServiceAccountToken: false
{{- end -}}

{{/* ConfigMap. Takes also "data": variable → value; "untraced": whether it makes no spans. */}}
{{- define "taskchat.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "taskchat.componentName" . }}
  labels:
    {{- include "taskchat.labels" . | nindent 4 }}
data:
  {{- $shared := dict "HOST" "0.0.0.0" "PORT" .port "LOG_LEVEL" .root.Values.logLevel -}}
  {{- with .root.Values.telemetry }}
  {{- if and .otlpEndpoint (not $.untraced) }}
  {{- $_ := set $shared "OTEL_EXPORTER_OTLP_ENDPOINT" .otlpEndpoint }}
  {{- $_ := set $shared "OTEL_TRACES_SAMPLER" .sampler }}
  {{- $_ := set $shared "OTEL_TRACES_SAMPLER_ARG" .samplerRatio }}
  {{- end }}
  {{- end }}
  {{- range $variable, $value := merge dict .data $shared }}
  {{- /* A whole number from a file is a float to Helm, and would be written 1e+06. */}}
  {{- if and (kindIs "float64" $value) (eq (floor $value) $value) }}{{ $value = int64 $value }}{{ end }}
  {{ $variable }}: {{ $value | toString | quote }}
  {{- end }}
{{- end -}}

{{- define "taskchat.podDisruptionBudget" -}}
{{- with .values.podDisruptionBudget -}}
{{- if .enabled -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "taskchat.componentName" $ }}
  labels:
    {{- include "taskchat.labels" $ | nindent 4 }}
spec:
  selector:
    matchLabels:
      {{- include "taskchat.selectorLabels" $ | nindent 6 }}
  {{- if not (kindIs "invalid" .minAvailable) }}
  minAvailable: {{ .minAvailable }}
  {{- else }}
  maxUnavailable: {{ .maxUnavailable }}
  {{- end }}
  # A pod that is not ready serves nobody: it may always be evicted, so that a drain never hangs on it.
  unhealthyPodEvictionPolicy: AlwaysAllow
{{- end -}}
{{- end -}}
{{- end -}}
