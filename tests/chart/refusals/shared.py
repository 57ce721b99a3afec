"""Values of no component: names, addresses, origins, telemetry."""

from .refusal import schema, template

ROWS = (
    template('publicUrl: ""', "publicUrl", "Set `publicUrl=https://chat.example.com`"),
    template(
        "publicUrl: http://chat.example.com",
        "publicUrl",
        "Set `publicUrl=https://chat.example.com`; http is for localhost alone",
    ),
    template(
        "publicUrl: https://chat.example.com:443",
        "publicUrl",
        "Set `publicUrl=https://chat.example.com`",
    ),
    template(
        "publicUrl: https://chat.example.com:70000", "publicUrl", "port 70000 does not exist. Set"
    ),
    template(
        "publicUrl: https://chat..example.com",
        "publicUrl",
        "Set `publicUrl=https://chat.example.com`",
    ),
    schema("publicUrl: https://chat.example.com/", "publicUrl", "<lowerCaseHost>"),
    schema("publicUrl: https://Chat.example.com", "publicUrl", "<lowerCaseHost>"),
    schema("publicUrl: chat.example.com", "publicUrl", "<scheme>https?)://"),
    schema("allowedOrigins: https://a.example.com", "allowedOrigins", "want array"),
    schema("allowedOrigins: ['*']", "allowedOrigins/0", "<scheme>https?)://"),
    schema("allowedOrigins: ['null']", "allowedOrigins/0", "<scheme>https?)://"),
    schema("allowedOrigins: ['https://*.example.com']", "allowedOrigins/0", "<lowerCaseHost>"),
    schema("allowedOrigins: ['https://a.example.com/app']", "allowedOrigins/0", "<port>"),
    schema("allowedOrigins: ['https://a@b.example.com']", "allowedOrigins/0", "<lowerCaseHost>"),
    schema(
        "allowedOrigins: ['https://a.example.com', 'https://a.example.com']",
        "allowedOrigins",
        "items at 0 and 1 are equal",
    ),
    template(
        "allowedOrigins: ['http://a.example.com']",
        "allowedOrigins[0]",
        "Set `allowedOrigins[0]=https://a.example.com`",
    ),
    template(
        "allowedOrigins: ['http://localhost:80']",
        "allowedOrigins[0]",
        "Set `allowedOrigins[0]=http://localhost`",
    ),
    template(
        "allowedOrigins: ['https://app.example.com']", "allowedOrigins", "set `web.enabled=false`"
    ),
    schema("turnDeadlineSeconds: 30s", "turnDeadlineSeconds", "want integer"),
    schema("turnDeadlineSeconds: 0", "turnDeadlineSeconds", "want 1"),
    schema("turnDeadlineSeconds: 301", "turnDeadlineSeconds", "want 300"),
    schema("logLevel: debug", "logLevel", "'DEBUG', 'INFO', 'WARNING', 'ERROR'"),
    schema("gemini: {model: ''}", "gemini/model", "minLength: got 0, want 1"),
    schema("gemini: {reasoningEffort: much}", "gemini/reasoningEffort", "'medium', 'high'"),
    schema("gemini: {maxOutputTokens: 10}", "gemini/maxOutputTokens", "minimum: got 10"),
    schema("gemini: {baseUrl: 'https://key@example.com/v1'}", "gemini/baseUrl", "<host>"),
    schema("gemini: {apiKey: secret}", "gemini", "additional properties 'apiKey' not allowed"),
    template(
        "fullnameOverride: 1st-chat",
        "fullnameOverride",
        "Set `fullnameOverride=taskchat`",
    ),
    schema("fullnameOverride: Task_Chat", "fullnameOverride", "<lowerCaseName>"),
    schema(f"nameOverride: {'a' * 41}", "nameOverride", "want 40"),
    schema("image: {registry: 'https://registry.example.com'}", "image/registry", "<hostAndPath>"),
    schema("image: {pullPolicy: always}", "image/pullPolicy", "'IfNotPresent', 'Always', 'Never'"),
    schema("image: {pullSecrets: [{name: registry}]}", "image/pullSecrets/0", "want string"),
    schema("telemetry: {otlpEndpoint: 'collector:4318'}", "telemetry/otlpEndpoint", "<scheme>"),
    schema("telemetry: {sampler: ratio}", "telemetry/sampler", "'parentbased_traceidratio'"),
    schema("telemetry: {samplerRatio: 10}", "telemetry/samplerRatio", "want 1"),
    template(
        "telemetry: {samplerRatio: 0.1}",
        "telemetry.samplerRatio",
        "Set `telemetry.sampler=parentbased_traceidratio`",
    ),
    schema(
        "telemetry: {resourceAttributes: {team: 'a,b'}}",
        "telemetry/resourceAttributes/team",
        "<noCommaNoEquals>",
    ),
    schema(
        "telemetry: {podMonitor: {interval: 15}}", "telemetry/podMonitor/interval", "want string"
    ),
    schema(
        "telemetry: {dashboards: {labels: {grafana_dashboard: 1}}}",
        "telemetry/dashboards/labels/grafana_dashboard",
        "want string",
    ),
    schema(
        "telemetry: {prometheusRule: {runbookBaseUrl: docs/runbooks}}",
        "telemetry/prometheusRule/runbookBaseUrl",
        "<scheme>",
    ),
    schema(
        "telemetry: {prometheusRule: {alertLabels: {routed-to: tasks}}}",
        "telemetry/prometheusRule/alertLabels",
        "routed-to",
    ),
    schema("ingress: {enabled: true}", "", "additional properties 'ingress' not allowed"),
)
