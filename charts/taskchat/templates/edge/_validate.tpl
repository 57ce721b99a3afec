{{/* Impossible combinations of `edge`: one line each (see templates/_validate.tpl). Takes the root context. */}}
{{- define "taskchat.validate.edge" -}}
{{- if .Values.edge.enabled -}}
{{- include "taskchat.validate.edge.names" . }}
{{ include "taskchat.validate.edge.tls" . }}
{{ include "taskchat.validate.edge.proxy" . }}
{{- end -}}
{{- end -}}

{{- define "taskchat.validate.edge.names" -}}
{{- $edge := .Values.edge -}}
{{- $public := urlParse .Values.publicUrl -}}
{{- $origins := include "taskchat.edge.origins" . | fromJsonArray -}}
{{- if not $edge.hosts }}
`edge.hosts`: is empty, and the edge answers under exact names only. Set `edge.hosts={chat.example.com}`, or `edge.enabled=false` to bring an ingress of your own.
{{- else if and $public.hostname (not (has $public.hostname $edge.hosts)) }}
`edge.hosts`: lacks `{{ $public.hostname }}`, the host of `publicUrl`. Set `edge.hosts={ {{- $public.hostname -}} }`.
{{- end }}
{{- if gt (len $origins) 480 }}
`allowedOrigins`: has {{ len $origins }} entries, and 16 routes of 30 are the most that the edge makes. Set `allowedOrigins` to at most 480.
{{- end }}
{{- range $origins }}
{{- if contains "[" . }}
`allowedOrigins`: `{{ . }}` is an address in brackets, which Envoy Gateway's CORS does not take. Set `allowedOrigins` to names.
{{- end }}
{{- end }}
{{- if and .Values.auth.clientIpHeader (ne (lower .Values.auth.clientIpHeader) "x-real-ip") }}
`auth.clientIpHeader`: is `{{ .Values.auth.clientIpHeader }}`, and the edge removes and sets x-real-ip. Set `auth.clientIpHeader=""`.
{{- end }}
{{- end -}}

{{- define "taskchat.validate.edge.tls" -}}
{{- $tls := .Values.edge.tls -}}
{{- if $tls.enabled }}
{{- if and (not $tls.existingSecret) (not $tls.certManager.issuerRef.name) }}
`edge.tls`: is enabled without a certificate. Set `edge.tls.existingSecret=chat-tls`, or `edge.tls.certManager.issuerRef.name=letsencrypt`.
{{- end }}
{{- if and $tls.existingSecret $tls.certManager.issuerRef.name }}
`edge.tls.existingSecret`: would be overwritten by cert-manager. Set `edge.tls.existingSecret=""`, or `edge.tls.certManager.issuerRef.name=""`.
{{- end }}
{{- if hasPrefix "http://" .Values.publicUrl }}
`publicUrl`: begins with http:// while `edge.tls.enabled`; cookies would go unprotected and every token name the wrong issuer. Set `publicUrl={{ .Values.publicUrl | replace "http://" "https://" }}`.
{{- end }}
{{- else if $tls.certManager.issuerRef.name }}
`edge.tls.certManager.issuerRef.name`: is set, and TLS is off. Set `edge.tls.enabled=true`.
{{- end }}
{{- end -}}

{{- define "taskchat.validate.edge.proxy" -}}
{{- $edge := .Values.edge -}}
{{- $service := $edge.proxy.service -}}
{{- if and (eq $service.type "ClusterIP") (or $service.nodePorts.http $service.nodePorts.https) }}
`edge.proxy.service.nodePorts`: a Service of type ClusterIP has none. Set `edge.proxy.service.type=NodePort`.
{{- end }}
{{- if and $service.nodePorts.http (eq (toString $service.nodePorts.http) (toString $service.nodePorts.https)) }}
`edge.proxy.service.nodePorts`: http and https are both {{ $service.nodePorts.http }}. Set `edge.proxy.service.nodePorts.https` to another.
{{- end }}
{{- if eq (int $edge.ports.http) (int $edge.ports.https) }}
`edge.ports`: http and https are both {{ $edge.ports.http }}. Set `edge.ports.https=443`.
{{- end }}
{{- with $edge.proxy.podDisruptionBudget }}
{{- if and .enabled (eq (toString .maxUnavailable | trimSuffix "%" | int) 0) }}
`edge.proxy.podDisruptionBudget.maxUnavailable`: {{ .maxUnavailable }} blocks every eviction, and with it the drain of a node. Set `edge.proxy.podDisruptionBudget.maxUnavailable=1`.
{{- end }}
{{- end }}
{{- if le (int (include "taskchat.edge.streamIdleSeconds" .)) (int .Values.turnDeadlineSeconds) }}
`edge.timeouts.streamIdleSeconds`: {{ $edge.timeouts.streamIdleSeconds }} s end a turn that may be silent for `turnDeadlineSeconds` ({{ .Values.turnDeadlineSeconds }}). Set `edge.timeouts.streamIdleSeconds=null`.
{{- end }}
{{- end -}}
