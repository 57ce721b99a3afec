"""Values of the edge."""

from .refusal import schema, template

ORIGINS = ", ".join(f"https://{number}.example.com" for number in range(481))
ROWS = (
    template(
        "publicUrl: http://taskchat.localhost\nedge: {hosts: [taskchat.localhost]}",
        "edge.tls.enabled",
        "Set `publicUrl=https://taskchat.localhost`",
    ),
    template(
        f"allowedOrigins: [{ORIGINS}]", "allowedOrigins", "Set `allowedOrigins` to at most 480"
    ),
    template("edge: {hosts: []}", "edge.hosts", "Set `edge.hosts={chat.example.com}`"),
    template(
        "edge: {hosts: [other.example.com]}",
        "edge.hosts",
        "Set `edge.hosts={chat.example.com}`",
    ),
    schema("edge: {hosts: ['*.example.com']}", "edge/hosts/0", "<lowerCaseHost>"),
    schema("edge: {hosts: ['chat.example.com:8443']}", "edge/hosts/0", "<lowerCaseHost>"),
    template(
        "edge: {tls: {existingSecret: ''}}",
        "edge.tls",
        "Set `edge.tls.existingSecret=chat-tls`, or `edge.tls.certManager.issuerRef.name",
    ),
    template(
        "edge: {tls: {certManager: {issuerRef: {name: letsencrypt}}}}",
        "edge.tls.existingSecret",
        'Set `edge.tls.existingSecret=""`',
    ),
    template(
        "edge: {tls: {enabled: false, certManager: {issuerRef: {name: letsencrypt}}}}",
        "edge.tls.certManager.issuerRef.name",
        "Set `edge.tls.enabled=true`",
    ),
    schema("edge: {tls: {minVersion: 1.2}}", "edge/tls/minVersion", "'1.2', '1.3'"),
    schema("edge: {tls: {minVersion: '1.0'}}", "edge/tls/minVersion", "'1.2', '1.3'"),
    template("edge: {ports: {http: 443}}", "edge.ports", "Set `edge.ports.https=443`"),
    schema("edge: {ports: {https: 70000}}", "edge/ports/https", "want 65,535"),
    template(
        "edge: {proxy: {service: {type: ClusterIP, nodePorts: {http: 30080}}}}",
        "edge.proxy.service.nodePorts",
        "Set `edge.proxy.service.type=NodePort`",
    ),
    template(
        "edge: {proxy: {service: {type: NodePort, nodePorts: {http: 30080, https: 30080}}}}",
        "edge.proxy.service.nodePorts",
        "Set `edge.proxy.service.nodePorts.https` to another",
    ),
    template(
        "edge: {timeouts: {streamIdleSeconds: 30}}",
        "edge.timeouts.streamIdleSeconds",
        "Set `edge.timeouts.streamIdleSeconds=null`",
    ),
    template(
        "auth: {clientIpHeader: x-forwarded-for}",
        "auth.clientIpHeader",
        'Set `auth.clientIpHeader=""`',
    ),
    template(
        "allowedOrigins: ['https://[::1]']", "allowedOrigins", "Set `allowedOrigins` to names"
    ),
    schema("edge: {jwksCacheSeconds: 3600}", "edge/jwksCacheSeconds", "want 300"),
    schema("edge: {trustedHops: -1}", "edge/trustedHops", "want 0"),
    schema(
        "edge: {rateLimit: {requestsPerMinute: 0}}", "edge/rateLimit/requestsPerMinute", "want 1"
    ),
    schema("edge: {host: chat.example.com}", "edge", "additional properties 'host' not allowed"),
    template(
        "edge: {proxy: {podDisruptionBudget: {maxUnavailable: 0%}}}",
        "edge.proxy.podDisruptionBudget.maxUnavailable",
        "Set `edge.proxy.podDisruptionBudget.maxUnavailable=1`",
    ),
)
