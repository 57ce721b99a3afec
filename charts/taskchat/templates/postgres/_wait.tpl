{{/*
Init container that ends when Postgres can be reached from this pod's own address. Takes
(dict "root" $ "resources" .Values.migrations.resources).
*/}}
{{- define "taskchat.waitForPostgres" -}}
- name: wait-for-postgres
  image: {{ include "taskchat.postgresImage" .root }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  command:
    - sh
    - -c
    # A user, because ours has no name in that image, and pg_isready would not even try.
    - until pg_isready --host={{ include "taskchat.componentName" (dict "root" .root "component" "postgres") }} --username=postgres --timeout=2; do sleep 1; done
  securityContext:
    {{- include "taskchat.containerSecurityContext" .root | nindent 4 }}
  resources:
    {{- toYaml .resources | nindent 4 }}
{{- end -}}
