{{/* Strict where Neon's pooler is strict: transaction mode, and no setting taken at connect. Takes the root context. */}}
{{- define "taskchat.pgbouncerConfiguration" -}}
[databases]
taskchat = host={{ include "taskchat.componentName" (dict "root" . "component" "postgres") }} port=5432 dbname=taskchat

[pgbouncer]
listen_addr = *
listen_port = 6432
unix_socket_dir =
log_connections = 0
log_disconnections = 0
auth_type = scram-sha-256
auth_file = /etc/pgbouncer/userlist.txt
auth_user = pgbouncer
auth_query = SELECT name, verifier FROM pgbouncer.verifier($1)
pool_mode = transaction
max_client_conn = {{ .Values.postgres.pgbouncer.maxClientConnections }}
default_pool_size = {{ .Values.postgres.pgbouncer.poolSize }}
; Seconds. The default of 15 would outlast most of what waits for a database that has just started.
server_login_retry = 1
query_wait_timeout = 30
{{ end -}}
