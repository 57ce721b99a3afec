{{/*
Whether the migrations run as hooks, before anything of the release changes: "true" or empty. Takes the
root context.

They cannot where what they need comes with this very release: hooks run before its resources exist. So
the first installation with the chart's own database, or with ExternalSecrets, has them as a plain Job,
which waits for it; nothing serves yet that a failure could hurt. An upgrade asks whether the database, or
what the ExternalSecrets make, is there: a first installation that failed before (the store had another
name) is repeated as one, and so is the change from Secrets that somebody made.
*/}}
{{- define "taskchat.migrationsAreHooks" -}}
{{- if .Values.postgres.enabled -}}
{{- $postgres := include "taskchat.componentName" (dict "root" . "component" "postgres") -}}
{{- $set := lookup "apps/v1" "StatefulSet" .Release.Namespace $postgres -}}
{{- if and .Release.IsUpgrade (dig "status" "readyReplicas" 0 $set) -}}true{{- end -}}
{{- else if .Values.externalSecrets.enabled -}}
{{- $there := .Release.IsUpgrade -}}
{{- range list "migrations" "auth" "chat-gateway" "mcp-tools" -}}
{{- $component := dict "root" $ "component" . -}}
{{- $named := (include "taskchat.section" $component | fromYaml).existingSecret -}}
{{- $there = and $there (or $named (lookup "v1" "Secret" $.Release.Namespace (include "taskchat.secretName" $component))) -}}
{{- end -}}
{{- if $there -}}true{{- end -}}
{{- else -}}
true
{{- end -}}
{{- end -}}

{{/*
Annotations of what accompanies the Job (weight -10) and of the Job itself (0). With hook-succeeded all
of them go when it has succeeded: a failed Job stays, with its pods and logs, until the next attempt or
its time to live is over. Takes (dict "root" $ "weight" 0).

Helm does not remove what an interrupted upgrade left behind. The two last annotations, which Helm puts
on what it owns, let the next first installation take it over instead of refusing it.
*/}}
{{- define "taskchat.migrationHook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
meta.helm.sh/release-name: {{ .root.Release.Name | quote }}
meta.helm.sh/release-namespace: {{ .root.Release.Namespace | quote }}
{{- end -}}
