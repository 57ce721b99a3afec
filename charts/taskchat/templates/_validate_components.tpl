{{/*
Impossible combinations within one serving component: one line each (see _validate.tpl).
But for the first, all take (dict "root" $ "path" "chatGateway" "component" "chat-gateway" "values" .Values.chatGateway).
*/}}

{{- define "taskchat.validate.components" -}}
{{- range $path := list "chatGateway" "mcpTools" "auth" -}}
{{- $context := dict "root" $ "path" $path "component" (kebabcase $path) "values" (index $.Values $path) -}}
{{- range $rule := list "secret" "image" "replicas" "budget" "grace" "resources" "extraEnv" }}
{{ include (printf "taskchat.validate.%s" $rule) $context }}
{{- end -}}
{{- end -}}
{{- if and .Values.postgres.enabled (ne (empty .Values.chatGateway.existingSecret) (empty .Values.mcpTools.existingSecret)) }}
`chatGateway.existingSecret`, `mcpTools.existingSecret`: only one is named, and the keys by which the gateway proves itself to mcp-tools are a pair. Name both, or neither and the chart makes both.
{{- end }}
{{- if .Values.web.enabled -}}
{{- $context := dict "root" $ "path" "web" "component" "web" "values" .Values.web -}}
{{- range $rule := list "image" "replicas" "budget" "grace" "resources" "extraEnv" }}
{{ include (printf "taskchat.validate.%s" $rule) $context }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "taskchat.validate.secret" -}}
{{- if not (include "taskchat.secretName" .) }}
{{- $keys := dict
  "chatGateway" "`database-url`, `gemini-api-key` and `gateway-proof-key`"
  "mcpTools" "`database-url` and `gateway-proof-public-keys`"
  "auth" "`database-url` and `better-auth-secret`" }}
`{{ .path }}.existingSecret`: names no Secret. Set `{{ .path }}.existingSecret=taskchat-{{ .component }}`, one with {{ index $keys .path }}, or `externalSecrets.enabled=true`.
{{- end }}
{{- end -}}

{{- define "taskchat.validate.image" -}}
{{- if and .values.image.tag .values.image.digest }}
`{{ .path }}.image`: has a tag and a digest; the digest would win and the tag mislead. Set `{{ .path }}.image.tag=`.
{{- end }}
{{- end -}}

{{- define "taskchat.validate.replicas" -}}
{{- $path := printf "%s.autoscaling" .path -}}
{{- with .values.autoscaling -}}
{{- if .enabled }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
`{{ $path }}.minReplicas`: {{ .minReplicas }} is more than maxReplicas, {{ .maxReplicas }}. Set `{{ $path }}.maxReplicas={{ .minReplicas }}`.
{{- end }}
{{- if not $.values.resources.requests.cpu }}
`{{ $.path }}.resources.requests.cpu`: is missing, and the autoscaler counts in percent of it. Set `{{ $.path }}.resources.requests.cpu=200m`.
{{- end }}
{{- if eq .mode "keda" }}
{{- $noTurns := dict "auth" "sign-ins" "web" "visits" }}
{{- if hasKey $noTurns $.path }}
`{{ $path }}.mode`: {{ index $noTurns $.path }} are no turns, so turns in flight say nothing about them. Set `{{ $path }}.mode=hpa`.
{{- else }}
{{- if not $.root.Values.telemetry.prometheus.address }}
`telemetry.prometheus.address`: is missing, and `autoscaling.mode=keda` asks it for turns in flight. Set `telemetry.prometheus.address=http://prometheus.observability:9090`.
{{- end }}
{{- if not .turnsInFlightPerPod }}
`{{ $path }}.turnsInFlightPerPod`: is missing, and `{{ $path }}.mode=keda` scales by it. Set `{{ $path }}.turnsInFlightPerPod=50`.
{{- else if and (eq $.path "chatGateway") (ge (int .turnsInFlightPerPod) (int $.values.maxTurnsInFlight)) }}
`{{ $path }}.turnsInFlightPerPod`: {{ .turnsInFlightPerPod }} is not below maxTurnsInFlight, {{ $.values.maxTurnsInFlight }}, at which pods refuse turns before one is added. Set `{{ $path }}.turnsInFlightPerPod={{ max 1 (div (int $.values.maxTurnsInFlight) 4) }}`.
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* A budget that allows no eviction blocks every drain of a node, and so every upgrade of the cluster. */}}
{{- define "taskchat.validate.budget" -}}
{{- $path := printf "%s.podDisruptionBudget" .path -}}
{{- $fewest := ternary .values.autoscaling.minReplicas .values.replicas .values.autoscaling.enabled | int -}}
{{- with .values.podDisruptionBudget -}}
{{- if .enabled }}
{{- $hasMin := not (kindIs "invalid" .minAvailable) -}}
{{- $hasMax := not (kindIs "invalid" .maxUnavailable) -}}
{{- if and $hasMin $hasMax }}
`{{ $path }}`: has minAvailable and maxUnavailable, of which Kubernetes takes one. Set `{{ $path }}.maxUnavailable=null`.
{{- else if $hasMin }}
{{- $percent := hasSuffix "%" (toString .minAvailable) -}}
{{- $number := toString .minAvailable | trimSuffix "%" | int -}}
{{- $staying := ternary (div (add (mul $number $fewest) 99) 100) (int64 $number) $percent -}}
{{- if and (gt $staying 0) (ge $staying (int64 $fewest)) }}
`{{ $path }}.minAvailable`: {{ .minAvailable }} of {{ $fewest }} pods blocks every eviction, and with it the drain of a node. Set `{{ $path }}.minAvailable=null,{{ $path }}.maxUnavailable=1`.
{{- end }}
{{- else if not $hasMax }}
`{{ $path }}`: has neither minAvailable nor maxUnavailable. Set `{{ $path }}.maxUnavailable=1`.
{{- else if eq (toString .maxUnavailable | trimSuffix "%" | int) 0 }}
`{{ $path }}.maxUnavailable`: {{ .maxUnavailable }} blocks every eviction, and with it the drain of a node. Set `{{ $path }}.maxUnavailable=1`.
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "taskchat.validate.grace" -}}
{{- $own := .values.terminationGracePeriodSeconds -}}
{{- if not (kindIs "invalid" $own) }}
{{- $least := include "taskchat.stopSeconds" . | int -}}
{{- if lt (int $own) $least }}
`{{ .path }}.terminationGracePeriodSeconds`: {{ $own }} s would kill a pod in the middle of its work, which takes up to {{ $least }} s to stop. Set `{{ .path }}.terminationGracePeriodSeconds=null`.
{{- end }}
{{- end }}
{{- end -}}

{{/* Kubernetes says so only when it makes a pod, minutes after Helm has said "deployed". */}}
{{- define "taskchat.validate.resources" -}}
{{- $resources := .values.resources -}}
{{- range $name, $request := $resources.requests }}
{{- $limit := index (default dict $resources.limits) $name -}}
{{- if and $limit (gt (include "taskchat.quantity" $request | float64) (include "taskchat.quantity" $limit | float64)) }}
`{{ $.path }}.resources.requests.{{ $name }}`: {{ $request }} is more than the limit, {{ $limit }}. Set `{{ $.path }}.resources.limits.{{ $name }}={{ $request }}`.
{{- end }}
{{- end }}
{{- end -}}

{{/* A quantity as a number; takes "250m", 1.5, "256Mi". */}}
{{- define "taskchat.quantity" -}}
{{- $units := dict "m" 0.001 "k" 1000.0 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- $unit := regexFind "[A-Za-z]+$" (toString .) -}}
{{- mulf (toString . | trimSuffix $unit | float64) (ternary 1.0 (index $units $unit) (eq $unit "")) -}}
{{- end -}}

{{/* Of the migrations and the simulator too, which have no other rule of these. */}}
{{- define "taskchat.validate.extraEnv" -}}
{{- $path := printf "%s.extraEnv" .path -}}
{{- $secret := list "DATABASE_URL" "DATABASE_URL_DIRECT" "GEMINI_API_KEY" "BETTER_AUTH_SECRET" "SIMULATOR_API_KEY" "GATEWAY_PROOF_KEY" "GATEWAY_PROOF_PUBLIC_KEYS" -}}
{{- $fixed := list "HOST" "PORT" "METRICS_PORT" -}}
{{- /* A second entry of the same name: refused by the server-side apply of Helm 4. */}}
{{- $telemetry := list "OTEL_SERVICE_NAME" "OTEL_RESOURCE_ATTRIBUTES" "K8S_NAMESPACE_NAME" "K8S_POD_NAME" "K8S_POD_UID" "K8S_NODE_NAME" -}}
{{- /* The rest of the chart is made of these too: grace periods, routes, the autoscaler, warnings. */ -}}
{{- $settings := list "ALLOWED_HOSTS" "ALLOWED_ORIGINS" "AUTH_AUDIENCE" "AUTH_ISSUER" "AUTH_JWKS_URL" "AUTH_TOKEN_LIFETIME_SECONDS" "BETTER_AUTH_URL" "CHATKIT_DOMAIN_KEY" "CHAT_GATEWAY_URL" "CLIENT_IP_HEADER" "GEMINI_BASE_URL" "GEMINI_FALLBACK_MODEL" "GEMINI_MODEL" "GRACEFUL_SHUTDOWN_SECONDS" "JWT_LIFETIME_SECONDS" "LOG_LEVEL_FILE" "MAX_TURNS_IN_FLIGHT" "MCP_TOOLS_URL" "MCP_URL" "MODEL_IS_SIMULATED" "RATE_LIMIT_ENABLED" "TURN_DEADLINE_SECONDS" "TURN_GRACE_SECONDS" -}}
{{- $seen := dict -}}
{{- range .values.extraEnv }}
{{- if and (has .name $secret) (hasKey $.values "existingSecret") }}
`{{ $path }}`: {{ .name }} is a secret, which comes from `{{ $.path }}.existingSecret` alone. Remove it there, and set `{{ $.path }}.existingSecret=taskchat-{{ $.component }}`.
{{- else if has .name $secret }}
`{{ $path }}`: {{ .name }} is a secret, which the chart makes itself. Remove it from `{{ $path }}`.
{{- else if eq .name "LOG_LEVEL" }}
`{{ $path }}`: LOG_LEVEL is the same for all. Remove it from `{{ $path }}`, and set `logLevel`.
{{- else if has .name $fixed }}
`{{ $path }}`: {{ .name }} is what probes and the Service rely on. Remove it from `{{ $path }}`.
{{- else if has .name $telemetry }}
`{{ $path }}`: {{ .name }} is set by the chart. Set `telemetry.resourceAttributes` to what shall be added, and remove it from `{{ $path }}`.
{{- else if has .name $settings }}
`{{ $path }}`: {{ .name }} is set by the chart, which counts on it elsewhere too. Remove it from `{{ $path }}`, and set the value that it is made of.
{{- else if hasKey $seen .name }}
`{{ $path }}`: {{ .name }} is there twice. Remove one of them from `{{ $path }}`.
{{- end }}
{{- $_ := set $seen .name true }}
{{- end }}
{{- end -}}
