{{/*
CEL. Envoy's has no concatenation, so "the path is /api/{sub}/chat" is said in pieces: the route's pattern
holds one segment without a slash between /api/ and /chat; a subject without a slash that is somewhere in
the path, and as long as that segment, is that segment. Besides, what Envoy Gateway's `jwt` cannot demand:
an end, no longer lifetime than auth gives, at most 4 KiB.
*/}}
{{- define "taskchat.edge.pathNamesTheSubject" -}}
{{- $claims := "metadata.filter_metadata['envoy.filters.http.jwt_authn']['better-auth']" -}}
size({{ $claims }}['sub']) == 36
&& size(request.url_path) == 46
&& request.url_path.contains({{ $claims }}['sub'])
&& !{{ $claims }}['sub'].contains('/')
&& {{ $claims }}['exp'] > {{ $claims }}['iat']
&& {{ $claims }}['exp'] - {{ $claims }}['iat'] <= {{ int .Values.auth.jwtLifetimeSeconds }}.0
&& size(request.headers['authorization']) <= 4103
{{- end -}}
