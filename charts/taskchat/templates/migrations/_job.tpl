{{/*
Whether the migrations run as hooks, before anything of the release changes: "true" or empty. Takes the
root context.

They cannot where what they need comes with this very release: hooks run before its resources exist. So
the first installation with the chart's own database, or with ExternalSecrets, has them as plain Jobs,
which wait for it; nothing serves yet that a failure could hurt. An upgrade asks whether the database, or
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
Annotations of what accompanies the Jobs (weight -10) and of the Jobs themselves (0). With
hook-succeeded all of them go when all have succeeded, or the earlier ones when one has failed: the
failed Job stays, with its pods and logs, until the next attempt or its time to live is over. Takes
(dict "root" $ "weight" 0).

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

{{/*
Job that brings one service's role, schema, tables and grants to what its image needs. Takes
(dict "root" $ "component" "auth" "values" .Values.auth "command" (list "node" "dist/migrate.js")), and
"secretEnv" (dict "VARIABLE" "key") for what else it reads of the service's Secret.
*/}}
{{- define "taskchat.migrationJob" -}}
{{- $migrations := dict "root" .root "component" "migrations" -}}
{{- $hook := include "taskchat.migrationsAreHooks" .root -}}
{{- $values := .root.Values.migrations -}}
{{- /* A plain Job cannot be changed, so each revision of the release has its own. */ -}}
{{- $run := ternary .component (printf "%s-%d" .component .root.Release.Revision) (ne $hook "") -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "taskchat.fullname" . }}-migrate-{{ $run }}
  labels:
    {{- include "taskchat.labels" $migrations | nindent 4 }}
  {{- if $hook }}
  annotations:
    {{- include "taskchat.migrationHook" (dict "root" .root "weight" 0) | nindent 4 }}
    # Helm from 3.18 on prints what the failed Job said.
    helm.sh/hook-output-log-policy: hook-failed
  {{- end }}
spec:
  {{- if not $hook }}
  {{- /*
  Without the selector that Kubernetes would make, a Job may be applied over itself: a rollback to the
  first revision does so when the second one failed before Helm had removed the Jobs of the first.
  */}}
  manualSelector: true
  selector:
    matchLabels:
      {{- include "taskchat.selectorLabels" $migrations | nindent 6 }}
      migration: {{ $run }}
  {{- end }}
  backoffLimit: {{ $values.backoffLimit }}
  activeDeadlineSeconds: {{ $values.deadlineSeconds }}
  ttlSecondsAfterFinished: {{ $values.ttlSecondsAfterFinished }}
  podFailurePolicy:
    rules:
      # 2: the settings are wrong, and will be the next time.
      - action: FailJob
        onExitCodes:
          containerName: migrate
          operator: In
          values: [2]
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
            status: "True"
  template:
    metadata:
      labels:
        {{- with $values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- include "taskchat.labels" $migrations | nindent 8 }}
        migration: {{ $run }}
      {{- with $values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "taskchat.componentName" $migrations }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with include "taskchat.imagePullSecrets" .root }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- with include "taskchat.scheduling" (dict "values" $values) | trim }}
      {{- . | nindent 6 }}
      {{- end }}
      restartPolicy: Never
      # An attempt that hangs fails with its pod, whose log can be read; the Job's own deadline deletes it.
      activeDeadlineSeconds: {{ $values.attemptDeadlineSeconds }}
      securityContext:
        {{- include "taskchat.podSecurityContext" . | nindent 8 }}
      {{- if .root.Values.postgres.enabled }}
      initContainers:
        {{- include "taskchat.waitForPostgres" (dict "root" .root "resources" $values.resources) | nindent 8 }}
      {{- end }}
      containers:
        - name: migrate
          image: {{ include "taskchat.image" . }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          command:
            {{- toYaml .command | nindent 12 }}
          env:
            - name: DATABASE_URL
              valueFrom:
                secretKeyRef:
                  name: {{ include "taskchat.secretName" . | quote }}
                  key: database-url
            - name: DATABASE_URL_DIRECT
              valueFrom:
                secretKeyRef:
                  name: {{ include "taskchat.secretName" $migrations | quote }}
                  key: database-url-direct
            {{- range $variable, $key := .secretEnv }}
            - name: {{ $variable }}
              valueFrom:
                secretKeyRef:
                  name: {{ include "taskchat.secretName" $ | quote }}
                  key: {{ $key }}
            {{- end }}
            - name: LOG_LEVEL
              value: {{ .root.Values.logLevel }}
            {{- with $values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          securityContext:
            {{- include "taskchat.containerSecurityContext" . | nindent 12 }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            {{- include "taskchat.tmpMount" . | nindent 12 }}
      volumes:
        {{- include "taskchat.tmpVolume" . | nindent 8 }}
{{- end -}}
