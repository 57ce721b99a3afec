{{/*
What the resources of the edge share. Without a comment of their own they take the root context.
ADR 0010 says why the edge looks the way it does.
*/}}

{{- define "taskchat.edge.name" -}}
{{- include "taskchat.componentName" (dict "root" . "component" "edge") -}}
{{- end -}}

{{/*
What Envoy Gateway calls the proxies' Deployment and Service: after the Gateway, cut to 48 characters, and
a digest of namespace and name. Source: internal/utils/misc.go, GetHashedName, in 1.9.
*/}}
{{- define "taskchat.edge.proxyName" -}}
{{- $gateway := include "taskchat.edge.name" . -}}
{{- $digest := printf "%s/%s" .Release.Namespace $gateway | sha256sum | trunc 8 -}}
{{- $name := printf "%s-%s" .Release.Namespace $gateway | trunc 48 | trimSuffix "-" -}}
envoy-{{ $name }}-{{ $digest }}
{{- end -}}

{{- define "taskchat.edge.labels" -}}
{{- include "taskchat.labels" (dict "root" . "component" "edge") -}}
{{- end -}}

{{/* The allowlist, the very one that the services get. */}}
{{- define "taskchat.edge.origins" -}}
{{- splitList "," (include "taskchat.allowedOrigins" .) | toJson -}}
{{- end -}}

{{/*
The allowlist in pieces of 30, as JSON. A rule takes 64 matches and a route 128: four rules with a match
for each origin, and one without, are 121.
*/}}
{{- define "taskchat.edge.originPieces" -}}
{{- chunk 30 (include "taskchat.edge.origins" . | fromJsonArray) | toJson -}}
{{- end -}}

{{/* Name of the route for one piece of the allowlist. Takes "root", "job" and "piece" (from 0). */}}
{{- define "taskchat.edge.routeName" -}}
{{- include "taskchat.edge.name" .root }}-{{ .job }}{{ if .piece }}-{{ .piece }}{{ end -}}
{{- end -}}

{{/* The policy's targets: one rule of every route of a job. Takes "root", "job" and "rules". */}}
{{- define "taskchat.edge.targetRefs" -}}
{{- $context := . -}}
{{- range $piece, $origins := include "taskchat.edge.originPieces" .root | fromJsonArray }}
{{- range $rule := $context.rules }}
- group: gateway.networking.k8s.io
  kind: HTTPRoute
  name: {{ include "taskchat.edge.routeName" (dict "root" $context.root "job" $context.job "piece" $piece) }}
  sectionName: {{ $rule }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where routes are attached, and under which names. */}}
{{- define "taskchat.edge.attachment" -}}
parentRefs:
  - group: gateway.networking.k8s.io
    kind: Gateway
    name: {{ include "taskchat.edge.name" . }}
    sectionName: {{ ternary "https" "http" .Values.edge.tls.enabled }}
hostnames:
  {{- toYaml .Values.edge.hosts | nindent 2 }}
{{- end -}}

{{/* A rule's filter that answers with a refusal of refusals.yaml. Takes "root" and "refusal". */}}
{{- define "taskchat.edge.refuse" -}}
- type: ExtensionRef
  extensionRef:
    group: gateway.envoyproxy.io
    kind: HTTPRouteFilter
    name: {{ include "taskchat.edge.name" .root }}-{{ .refusal }}
{{- end -}}

{{/*
Paths. All are regular expressions, because Envoy Gateway sorts rules by the kind of their path,
then its length, then the number of headers: rules about one path must have the very same path.
*/}}
{{- define "taskchat.edge.chatPath" -}}
/api/[0-9A-Za-z-]+/chat
{{- end -}}

{{/* What services/auth/src/http/paths.ts offers; a test compares. */}}
{{- define "taskchat.edge.authReadPath" -}}
/api/auth/(export|get-session|jwks|list-sessions|options|token|verify-email)
{{- end -}}

{{- define "taskchat.edge.authWritePath" -}}
/api/auth/(change-email|change-password|delete-user|request-password-reset|reset-password|revoke-other-sessions|revoke-session|revoke-sessions|send-verification-email|sign-in/email|sign-out|sign-up/email|two-factor/disable|two-factor/enable|two-factor/generate-backup-codes|two-factor/verify-backup-code|two-factor/verify-totp|update-user)
{{- end -}}

{{/* What services/web/server gives out: a test compares. */}}
{{- define "taskchat.edge.webPath" -}}
/(|account|reset-password|verify|c/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|assets/[0-9A-Za-z_][0-9A-Za-z_.-]*|config\.json|favicon\.svg)
{{- end -}}

{{/* Where spans go (OTLP over gRPC): named, or the host of telemetry.otlpEndpoint. Empty: nowhere. */}}
{{- define "taskchat.edge.collectorHost" -}}
{{- with .Values.edge.tracing -}}
{{- if .enabled -}}
{{- if .collectorHost -}}
{{- .collectorHost -}}
{{- else if $.Values.telemetry.otlpEndpoint -}}
{{- (urlParse $.Values.telemetry.otlpEndpoint).hostname -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Seconds without a byte after which a stream is given up: a turn that thinks until its deadline is silent so long. */}}
{{- define "taskchat.edge.streamIdleSeconds" -}}
{{- $own := .Values.edge.timeouts.streamIdleSeconds -}}
{{- if kindIs "invalid" $own -}}
{{- add .Values.turnDeadlineSeconds 30 -}}
{{- else -}}
{{- int $own -}}
{{- end -}}
{{- end -}}

{{/* The Secret with the certificate: named, or the one that cert-manager fills. */}}
{{- define "taskchat.edge.certificateSecret" -}}
{{- .Values.edge.tls.existingSecret | default (printf "%s-tls" (include "taskchat.edge.name" .)) -}}
{{- end -}}

{{/* The header in which auth gets the client's address; auth is told the same name. */}}
{{- define "taskchat.edge.clientAddressHeader" -}}
{{- include "taskchat.clientIpHeader" . -}}
{{- end -}}
