"""Values of what stands around the services: migrations, secrets, policies, development."""

from .refusal import schema, template

ROWS = (
    template(
        'migrations: {existingSecret: ""}',
        "migrations.existingSecret",
        "Name a Secret with `database-url-direct`",
    ),
    template(
        "migrations: {attemptDeadlineSeconds: 600}",
        "migrations.attemptDeadlineSeconds",
        "Set `migrations.attemptDeadlineSeconds=280` or less",
    ),
    template(
        'migrations: {enabled: false, existingSecret: ""}',
        "retention.enabled",
        "or set `retention.enabled=false`",
    ),
    schema("retention: {schedule: nightly}", "retention/schedule", "<fields>"),
    schema("retention: {days: 0}", "retention/days", "want 1"),
    schema("migrations: {backoffLimit: -1}", "migrations/backoffLimit", "want 0"),
    template(
        "migrations: {extraEnv: [{name: DATABASE_URL_DIRECT, value: secret}]}",
        "migrations.extraEnv",
        "set `migrations.existingSecret=taskchat-migrations`",
    ),
    template(
        "migrations: {extraEnv: [{name: LOG_LEVEL, value: DEBUG}]}",
        "migrations.extraEnv",
        "and set `logLevel`",
    ),
    template(
        "geminiSimulator: {enabled: true, extraEnv: [{name: SIMULATOR_API_KEY, value: secret}]}",
        "geminiSimulator.extraEnv",
        "Remove it from `geminiSimulator.extraEnv`",
    ),
    template(
        "externalSecrets: {enabled: true}",
        "externalSecrets.secretStoreRef.name",
        "Set `externalSecrets.secretStoreRef.name` to the name of your store",
    ),
    schema(
        "externalSecrets: {refreshInterval: 1}", "externalSecrets/refreshInterval", "want string"
    ),
    template(
        "postgres: {enabled: true}",
        "migrations.existingSecret",
        'Set `migrations.existingSecret=""`',
    ),
    template(
        'postgres: {enabled: true}\nmigrations: {enabled: false, existingSecret: ""}',
        "migrations.enabled",
        "Set `migrations.enabled=true`",
    ),
    template(
        'postgres: {enabled: true}\nmigrations: {existingSecret: ""}\n'
        "externalSecrets: {enabled: true, secretStoreRef: {name: vault}}",
        "externalSecrets.enabled",
        "Set `externalSecrets.enabled=false` or `postgres.enabled=false`",
    ),
    template(
        "postgres: {enabled: true, persistence: {enabled: false}}\n"
        'migrations: {existingSecret: ""}',
        "postgres.keep",
        "Set `postgres.keep=false`",
    ),
    schema("postgres: {persistence: {size: 1}}", "postgres/persistence/size", "want string"),
    schema("postgres: {sharedBuffers: 64Mi}", "postgres/sharedBuffers", "kB|MB|GB"),
    schema("postgres: {pgbouncer: {poolSize: 40}}", "postgres/pgbouncer/poolSize", "want 30"),
    schema(
        "postgres: {password: secret}", "postgres", "additional properties 'password' not allowed"
    ),
    template(
        "geminiSimulator: {enabled: true}\ngemini: {baseUrl: 'https://gemini.example.com'}",
        "gemini.baseUrl",
        "or `geminiSimulator.enabled=false`",
    ),
    schema(
        "geminiSimulator: {thoughtSignatures: sometimes}",
        "geminiSimulator/thoughtSignatures",
        "'always', 'gemini-3', 'never'",
    ),
    schema("networkPolicy: {database: {to: []}}", "networkPolicy/database/to", "want 1"),
    schema(
        "networkPolicy: {database: {to: [{ipBlock: {cidr: 10.0.0.1}}]}}",
        "networkPolicy/database/to/0/ipBlock/cidr",
        "<address>",
    ),
    schema("networkPolicy: {dns: {ports: [dns]}}", "networkPolicy/dns/ports/0", "want integer"),
    schema("networkPolicy: {metrics: {from: [{}]}}", "networkPolicy/metrics/from/0", "want 1"),
    schema("helmTest: {edgeAddress: 'http://edge'}", "helmTest/edgeAddress", "<lowerCaseHost>"),
    schema("helmTest: {deadlineSeconds: 5}", "helmTest/deadlineSeconds", "want 10"),
)
