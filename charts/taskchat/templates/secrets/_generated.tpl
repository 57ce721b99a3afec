{{/*
The Secrets that the chart makes itself, for development only: those of its own database, and the
simulator's key. Answers YAML: component → key → base64, as a Secret's `data` has it. Takes the root
context.

What is there already is kept, so that an upgrade changes nothing, and an installation that finds the
Secrets and the data of an earlier one (`postgres.keep`) fits to them. Rendered once for a release:
the Secret, the pods' checksum and the pooler's list of users must agree on what is random.
*/}}
{{- define "taskchat.generatedSecrets" -}}
{{- if not (hasKey .Values "generatedSecrets") -}}
{{- $_ := set .Values "generatedSecrets" (include "taskchat.generateSecrets" . | fromYaml) -}}
{{- end -}}
{{- toYaml .Values.generatedSecrets -}}
{{- end -}}

{{- define "taskchat.generateSecrets" -}}
{{- $database := .Values.postgres.enabled -}}
{{- if $database }}
{{- $postgres := include "taskchat.keptSecret" (dict "root" . "component" "postgres") | fromYaml }}
{{- $superuser := index $postgres "superuser-password" | default (randAlphaNum 32 | b64enc) }}
{{- $owner := index $postgres "owner-password" | default (randAlphaNum 32 | b64enc) }}
{{- $pooler := index $postgres "pooler-password" | default (randAlphaNum 32 | b64enc) }}
postgres:
  superuser-password: {{ $superuser }}
  owner-password: {{ $owner }}
  pooler-password: {{ $pooler }}
  userlist.txt: {{ printf "\"pgbouncer\" \"%s\"\n" ($pooler | b64dec) | b64enc }}
{{- $direct := printf "%s:5432/taskchat?sslmode=disable" (include "taskchat.componentName" (dict "root" . "component" "postgres")) }}
{{- if not .Values.migrations.existingSecret }}
migrations:
  database-url-direct: {{ printf "postgresql://taskchat_owner:%s@%s" ($owner | b64dec) $direct | b64enc }}
{{- end }}
{{- /* A pair: one of them alone fits nothing. The certificate is only the form of its public key. */}}
{{- $gateway := include "taskchat.keptSecret" (dict "root" . "component" "chat-gateway") | fromYaml }}
{{- $tools := include "taskchat.keptSecret" (dict "root" . "component" "mcp-tools") | fromYaml }}
{{- $private := index $gateway "gateway-proof-key" }}
{{- $public := index $tools "gateway-proof-public-keys" }}
{{- if not (and $private $public) }}
{{- $key := genPrivateKey "ed25519" }}
{{- $private = $key | b64enc }}
{{- $public = (genSelfSignedCertWithKey "chat-gateway" (list) (list) 36500 $key).Cert | b64enc }}
{{- end }}
{{- if not .Values.chatGateway.existingSecret }}
chat-gateway:
  gateway-proof-key: {{ $private }}
  database-url: {{ include "taskchat.generatedDatabaseUrl" (dict "root" . "component" "chat-gateway" "role" "chat_gateway") }}
{{- end }}
{{- if not .Values.mcpTools.existingSecret }}
mcp-tools:
  gateway-proof-public-keys: {{ $public }}
  database-url: {{ include "taskchat.generatedDatabaseUrl" (dict "root" . "component" "mcp-tools" "role" "mcp_tools") }}
{{- end }}
{{- if not .Values.auth.existingSecret }}
{{- $auth := include "taskchat.keptSecret" (dict "root" . "component" "auth") | fromYaml }}
auth:
  database-url: {{ include "taskchat.generatedDatabaseUrl" (dict "root" . "component" "auth" "role" "auth") }}
  better-auth-secret: {{ index $auth "better-auth-secret" | default (randAlphaNum 48 | b64enc) }}
{{- end }}
{{- end }}
{{- if .Values.geminiSimulator.enabled }}
{{- $simulator := include "taskchat.keptSecret" (dict "root" . "component" "gemini-simulator") | fromYaml }}
{{- $key := index $simulator "gemini-api-key" | default (randAlphaNum 32 | b64enc) }}
gemini-simulator:
  gemini-api-key: {{ $key }}
  # What the simulator takes, comma-separated: two while one replaces the other.
  accepted-api-keys: {{ index $simulator "accepted-api-keys" | default $key }}
{{- end }}
{{- end -}}

{{/* URL of a service's own role through the pooler, base64. Takes also "role". */}}
{{- define "taskchat.generatedDatabaseUrl" -}}
{{- $kept := include "taskchat.keptSecret" . | fromYaml -}}
{{- $pooler := include "taskchat.componentName" (dict "root" .root "component" "pgbouncer") -}}
{{- $new := printf "postgresql://%s:%s@%s:6432/taskchat?sslmode=disable" .role (randAlphaNum 32) $pooler -}}
{{- index $kept "database-url" | default ($new | b64enc) -}}
{{- end -}}

{{/* The data of the Secret that an earlier release made for a component; {} where there is none. */}}
{{- define "taskchat.keptSecret" -}}
{{- $secret := lookup "v1" "Secret" .root.Release.Namespace (include "taskchat.componentName" .) -}}
{{- $secret.data | default dict | toYaml -}}
{{- end -}}

{{/*
Name of the Secret that holds a key for a component. The simulator's key is its own: with it, a real one
is neither needed nor shown to it. Takes also "key".
*/}}
{{- define "taskchat.secretOfKey" -}}
{{- if and .root.Values.geminiSimulator.enabled (has .key (list "gemini-api-key" "accepted-api-keys")) -}}
{{- include "taskchat.componentName" (dict "root" .root "component" "gemini-simulator") -}}
{{- else -}}
{{- include "taskchat.secretName" . -}}
{{- end -}}
{{- end -}}
