"""Values of chat-gateway, mcp-tools, auth and web: the same rules, each seen at one of them."""

from .refusal import schema, template

DIGEST = "sha256:" + 64 * "a"
ROWS = (
    template(
        'chatGateway: {existingSecret: ""}',
        "chatGateway.existingSecret",
        "Set `chatGateway.existingSecret=taskchat-chat-gateway`",
    ),
    template(
        'auth: {existingSecret: ""}',
        "auth.existingSecret",
        "Set `auth.existingSecret=taskchat-auth`",
    ),
    schema("mcpTools: {existingSecret: My_Secret}", "mcpTools/existingSecret", "<lowerCaseName>"),
    schema(
        "chatGateway: {replicaCount: 3}", "chatGateway", "properties 'replicaCount' not allowed"
    ),
    schema("chatGateway: {replicas: '3'}", "chatGateway/replicas", "want integer"),
    schema("mcpTools: {image: taskchat/mcp-tools}", "mcpTools/image", "want object"),
    schema(
        "auth: {image: {repository: 'registry.example.com/auth:1'}}",
        "auth/image/repository",
        "<lowerCaseRepository>",
    ),
    schema("auth: {image: {digest: 'md5:12'}}", "auth/image/digest", "<digest>sha256:"),
    schema("auth: {image: {tag: 1.5}}", "auth/image/tag", "want string"),
    template(
        f"auth: {{image: {{tag: '1', digest: '{DIGEST}'}}}}", "auth.image", "Set `auth.image.tag=`"
    ),
    template(
        "mcpTools: {autoscaling: {minReplicas: 20}}",
        "mcpTools.autoscaling.minReplicas",
        "Set `mcpTools.autoscaling.maxReplicas=20`",
    ),
    schema(
        "mcpTools: {autoscaling: {minReplicas: 0}}", "mcpTools/autoscaling/minReplicas", "want 1"
    ),
    schema("mcpTools: {autoscaling: {mode: vpa}}", "mcpTools/autoscaling/mode", "'hpa', 'keda'"),
    schema(
        "auth: {autoscaling: {behavior: {scaleUp: {policies: [{type: Percent}]}}}}",
        "auth/autoscaling/behavior/scaleUp/policies/0",
        "missing properties 'value', 'periodSeconds'",
    ),
    template(
        "chatGateway: {resources: {requests: {cpu: null}}}",
        "chatGateway.resources.requests.cpu",
        "Set `chatGateway.resources.requests.cpu=200m`",
    ),
    template(
        "auth: {autoscaling: {mode: keda}}",
        "auth.autoscaling.mode",
        "Set `auth.autoscaling.mode=hpa`",
    ),
    template(
        "web: {autoscaling: {enabled: true, mode: keda}}",
        "web.autoscaling.mode",
        "Set `web.autoscaling.mode=hpa`",
    ),
    template(
        "chatGateway: {autoscaling: {mode: keda}}",
        "telemetry.prometheus.address",
        "Set `telemetry.prometheus.address=http://prometheus.observability:9090`",
    ),
    template(
        "chatGateway: {autoscaling: {mode: keda, turnsInFlightPerPod: 200}}",
        "chatGateway.autoscaling.turnsInFlightPerPod",
        "Set `chatGateway.autoscaling.turnsInFlightPerPod=50`",
    ),
    schema(
        "auth: {resources: {requests: {cpu: 100M}}}", "auth/resources/requests/cpu", "<millicores>"
    ),
    schema(
        "auth: {resources: {requests: {memory: 256m}}}", "auth/resources/requests/memory", "<unit>"
    ),
    schema(
        "auth: {resources: {request: {memory: 1Gi}}}", "auth/resources", "'request' not allowed"
    ),
    template(
        "mcpTools: {resources: {requests: {memory: 1Gi}}}",
        "mcpTools.resources.requests.memory",
        "Set `mcpTools.resources.limits.memory=1Gi`",
    ),
    schema("auth: {probes: {liveness: {path: /}}}", "auth/probes/liveness", "'path' not allowed"),
    schema(
        "auth: {probes: {liveness: {failureThreshold: 0}}}",
        "auth/probes/liveness/failureThreshold",
        "want 1",
    ),
    template(
        "auth: {podDisruptionBudget: {minAvailable: 1}}",
        "auth.podDisruptionBudget",
        "Set `auth.podDisruptionBudget.maxUnavailable=null`",
    ),
    template(
        "auth: {podDisruptionBudget: {minAvailable: 2, maxUnavailable: null}}",
        "auth.podDisruptionBudget.minAvailable",
        "`auth.podDisruptionBudget.minAvailable=null,auth.podDisruptionBudget.maxUnavailable=1`",
    ),
    template(
        "auth: {podDisruptionBudget: {minAvailable: 51%, maxUnavailable: null}}",
        "auth.podDisruptionBudget.minAvailable",
        "blocks every eviction",
    ),
    template(
        "auth: {podDisruptionBudget: {maxUnavailable: 0}}",
        "auth.podDisruptionBudget.maxUnavailable",
        "Set `auth.podDisruptionBudget.maxUnavailable=1`",
    ),
    template(
        "auth: {podDisruptionBudget: {maxUnavailable: null}}",
        "auth.podDisruptionBudget",
        "Set `auth.podDisruptionBudget.maxUnavailable=1`",
    ),
    schema(
        "auth: {podDisruptionBudget: {maxUnavailable: half}}",
        "auth/podDisruptionBudget/maxUnavailable",
        "<percent>",
    ),
    template(
        "chatGateway: {terminationGracePeriodSeconds: 30}",
        "chatGateway.terminationGracePeriodSeconds",
        "Set `chatGateway.terminationGracePeriodSeconds=null`",
    ),
    schema("mcpTools: {podAnnotations: {a: 1}}", "mcpTools/podAnnotations/a", "want string"),
    schema("mcpTools: {podLabels: {a: true}}", "mcpTools/podLabels/a", "want string"),
    schema(
        "mcpTools: {podLabels: {app.kubernetes.io/name: x}}",
        "mcpTools/podLabels/app.kubernetes.io~1name",
        "want null",
    ),
    schema(
        "auth: {scheduling: {topologySpread: [{maxSkew: 1}]}}",
        "auth/scheduling/topologySpread/0",
        "missing property 'topologyKey'",
    ),
    schema(
        "auth: {scheduling: {tolerations: [{effect: Never}]}}",
        "auth/scheduling/tolerations/0/effect",
        "'NoSchedule'",
    ),
    schema("auth: {extraEnv: {A: b}}", "auth/extraEnv", "want array"),
    schema("auth: {extraEnv: [{name: A, value: 1}]}", "auth/extraEnv/0/value", "want string"),
    template(
        "chatGateway: {extraEnv: [{name: GEMINI_API_KEY, value: secret}]}",
        "chatGateway.extraEnv",
        "set `chatGateway.existingSecret=taskchat-chat-gateway`",
    ),
    template(
        "mcpTools: {extraEnv: [{name: PORT, value: '1'}]}",
        "mcpTools.extraEnv",
        "Remove it from `mcpTools.extraEnv`",
    ),
    template(
        "auth: {extraEnv: [{name: RATE_LIMIT_ENABLED, value: 'false'}]}",
        "auth.extraEnv",
        "set the value that it is made of",
    ),
    template(
        "mcpTools: {extraEnv: [{name: A, value: '1'}, {name: A, value: '2'}]}",
        "mcpTools.extraEnv",
        "Remove one of them from `mcpTools.extraEnv`",
    ),
    template(
        "auth: {extraEnv: [{name: OTEL_SERVICE_NAME, value: login}]}",
        "auth.extraEnv",
        "Set `telemetry.resourceAttributes` to what shall be added",
    ),
    schema("chatGateway: {maxTurnsInFlight: 0}", "chatGateway/maxTurnsInFlight", "want 1"),
    schema("chatGateway: {historyMaxTokens: -1}", "chatGateway/historyMaxTokens", "want 0"),
    schema("mcpTools: {databasePoolSize: 0}", "mcpTools/databasePoolSize", "want 1"),
    schema("web: {existingSecret: none}", "web", "properties 'existingSecret' not allowed"),
    schema("web: {chatkitDomainKey: 'a key'}", "web/chatkitDomainKey", "<domainKey>"),
    template(
        "web: {extraEnv: [{name: MODEL_IS_SIMULATED, value: 'true'}]}",
        "web.extraEnv",
        "set the value that it is made of",
    ),
    schema("auth: {jwtLifetimeSeconds: 7200}", "auth/jwtLifetimeSeconds", "want 3,600"),
    schema("auth: {rateLimitEnabled: 'no'}", "auth/rateLimitEnabled", "want boolean"),
)
