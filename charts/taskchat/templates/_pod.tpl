{{/*
What pods are made of. Those without a comment of their own take
(dict "root" $ "component" "chat-gateway" "values" .Values.chatGateway).
*/}}

{{- define "taskchat.image" -}}
{{- $image := .values.image -}}
{{- with .root.Values.image.registry }}{{ . }}/{{ end -}}
{{- $image.repository -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* Takes the root context. */}}
{{- define "taskchat.imagePullSecrets" -}}
{{- with .Values.image.pullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Pod Security "restricted", with the images' own user. */}}
{{- define "taskchat.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "taskchat.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The only place that a container can write to. */}}
{{- define "taskchat.tmpVolume" -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- end -}}

{{- define "taskchat.tmpMount" -}}
- name: tmp
  mountPath: /tmp
{{- end -}}

{{/* Where a ConfigMap that need not be there changes the log level at run time. Takes the root context. */}}
{{- define "taskchat.logLevelVolume" -}}
- name: log-level
  configMap:
    name: {{ include "taskchat.fullname" . }}-log-level
    optional: true
{{- end -}}

{{- define "taskchat.logLevelMount" -}}
- name: log-level
  mountPath: /etc/taskchat/log-level
  readOnly: true
{{- end -}}

{{- define "taskchat.scheduling" -}}
{{- $scheduling := .values.scheduling -}}
{{- with $scheduling.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $scheduling.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $scheduling.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $scheduling.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $scheduling.topologySpread }}
topologySpreadConstraints:
  {{- range . }}
  - maxSkew: {{ .maxSkew | default 1 }}
    topologyKey: {{ .topologyKey }}
    whenUnsatisfiable: {{ .whenUnsatisfiable | default "ScheduleAnyway" }}
    labelSelector:
      matchLabels:
        {{- include "taskchat.selectorLabels" $ | nindent 8 }}
    {{- /* Only pods of one revision count: during an update the old ones would push the new ones together. */}}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- end -}}

{{/* Seconds between SIGTERM and SIGKILL, and those of preStop before: what a stop takes at most, and 10 to spare. */}}
{{- define "taskchat.terminationGracePeriodSeconds" -}}
{{- $own := .values.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $own -}}
{{- add (include "taskchat.stopSeconds" .) 10 -}}
{{- else -}}
{{- int $own -}}
{{- end -}}
{{- end -}}

{{/* Seconds that a pod takes to stop at most: preStop, open requests, and 5 to give turns back and send the last spans. */}}
{{- define "taskchat.stopSeconds" -}}
{{- $requests := ternary "10" (include "taskchat.gracefulShutdownSeconds" .root) (has .component (list "auth" "web")) -}}
{{- add .values.preStopSleepSeconds $requests 5 -}}
{{- end -}}

{{/*
Seconds that uvicorn leaves open requests (those in Node have 10 of their own): the longest turn, and 5 for its
failure to be stored. Takes the root context.
*/}}
{{- define "taskchat.gracefulShutdownSeconds" -}}
{{- add .Values.turnDeadlineSeconds 5 -}}
{{- end -}}

{{/*
Lets a changed Secret roll the pods at the next upgrade. One that the chart makes is taken as it is about
to be made, so that the first upgrade rolls nothing; the simulator's, where there is one, holds the key
that chat-gateway reads. Empty where the cluster is not asked (helm template).
*/}}
{{- define "taskchat.secretChecksum" -}}
{{- $generated := include "taskchat.generatedSecrets" .root | fromYaml -}}
{{- $secret := lookup "v1" "Secret" .root.Release.Namespace (include "taskchat.secretName" .) -}}
{{- $data := index $generated .component | default $secret.data -}}
{{- if and (eq .component "chat-gateway") .root.Values.geminiSimulator.enabled -}}
{{- $data = dict "own" $data "simulator" (index $generated "gemini-simulator" "gemini-api-key") -}}
{{- end -}}
{{- with $data }}{{ toJson . | sha256sum }}{{ end -}}
{{- end -}}

{{/* Variables of one pod's telemetry; names and ids come by the downward API, so that a pod's first spans have them too. */}}
{{- define "taskchat.telemetryEnv" -}}
{{- if .root.Values.telemetry.otlpEndpoint -}}
- name: OTEL_SERVICE_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['app.kubernetes.io/component']
- name: K8S_NAMESPACE_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: K8S_POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: K8S_POD_UID
  valueFrom:
    fieldRef:
      fieldPath: metadata.uid
- name: K8S_NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ include "taskchat.resourceAttributes" . | quote }}
{{- end -}}
{{- end -}}

{{- define "taskchat.resourceAttributes" -}}
{{- $attributes := list
  "service.namespace=taskchat"
  (printf "service.version=%s" (include "taskchat.version" .))
  "k8s.namespace.name=$(K8S_NAMESPACE_NAME)"
  "k8s.pod.name=$(K8S_POD_NAME)"
  "k8s.pod.uid=$(K8S_POD_UID)"
  "k8s.node.name=$(K8S_NODE_NAME)"
  (printf "k8s.deployment.name=%s" (include "taskchat.componentName" .))
  (printf "k8s.container.name=%s" .component)
-}}
{{- range $name, $value := .root.Values.telemetry.resourceAttributes -}}
{{- $attributes = append $attributes (printf "%s=%s" $name $value) -}}
{{- end -}}
{{- join "," $attributes -}}
{{- end -}}

{{/* Takes also "path" and "probe". "host" is the Host header; mcp-tools answers no other than its own names. */}}
{{- define "taskchat.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  {{- with .host }}
  httpHeaders:
    - name: Host
      value: {{ . }}
  {{- end }}
{{- with .probe }}
{{ toYaml . }}
{{- end }}
{{- end -}}
