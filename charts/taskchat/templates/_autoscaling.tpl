{{/*
Horizontal scaling. Both take (dict "root" $ "component" "chat-gateway" "values" .Values.chatGateway) and
answer nothing when the other mode, or none, is chosen.
*/}}

{{- define "taskchat.autoscaling" -}}
{{- if .values.autoscaling.enabled -}}
{{- if eq .values.autoscaling.mode "keda" -}}
{{- include "taskchat.scaledObject" . -}}
{{- else -}}
{{- include "taskchat.horizontalPodAutoscaler" . -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "taskchat.horizontalPodAutoscaler" -}}
{{- $name := include "taskchat.componentName" . -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ $name }}
  labels:
    {{- include "taskchat.labels" . | nindent 4 }}
  annotations:
    # Helm makes what is new before it deletes what is gone: without this, KEDA would refuse the
    # ScaledObject of an upgrade to `mode: keda`, because this HPA is still there.
    validations.keda.sh/hpa-ownership: "false"
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $name }}
  minReplicas: {{ .values.autoscaling.minReplicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  metrics:
    # The container's CPU, not the pod's: an injected sidecar must not thin it out.
    - type: ContainerResource
      containerResource:
        container: {{ .component }}
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .values.autoscaling.targetCPUUtilizationPercentage }}
  behavior:
    {{- toYaml .values.autoscaling.behavior | nindent 4 }}
{{- end -}}

{{/*
KEDA makes an HPA of its own from it (keda-hpa-…), with both metrics; the larger answer wins. While
Prometheus cannot be asked, that HPA still scales up by CPU and does not scale down (ADR 0009): no
`fallback`, which would turn "unknown" into a number.
*/}}
{{- define "taskchat.scaledObject" -}}
{{- $name := include "taskchat.componentName" . -}}
{{- $gateway := include "taskchat.componentName" (dict "root" .root "component" "chat-gateway") -}}
{{- $prometheus := .root.Values.telemetry.prometheus -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ $name }}
  labels:
    {{- include "taskchat.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ $name }}
  minReplicaCount: {{ .values.autoscaling.minReplicas }}
  maxReplicaCount: {{ .values.autoscaling.maxReplicas }}
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        {{- toYaml .values.autoscaling.behavior | nindent 8 }}
  triggers:
    - type: prometheus
      name: turns-in-flight
      metricType: AverageValue
      metadata:
        serverAddress: {{ $prometheus.address | quote }}
        query: sum(taskchat_turns_in_flight{namespace="{{ .root.Release.Namespace }}",pod=~"{{ $gateway }}-.+"})
        threshold: {{ .values.autoscaling.turnsInFlightPerPod | quote }}
        # No series is not "no turns": scraping is broken, and the number of pods must hold.
        ignoreNullValues: "false"
        {{- with $prometheus.authModes }}
        authModes: {{ . | quote }}
        {{- end }}
      {{- with $prometheus.triggerAuthentication }}
      authenticationRef:
        name: {{ . | quote }}
      {{- end }}
    - type: cpu
      name: cpu
      metricType: Utilization
      metadata:
        value: {{ .values.autoscaling.targetCPUUtilizationPercentage | quote }}
        containerName: {{ .component }}
{{- end -}}
