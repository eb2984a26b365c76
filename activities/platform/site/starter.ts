import { ports } from './shapes.ts';

/** The files of a fresh site: they pass `tocsin check` as they are, and every line that one may want to change says what it is. */
export function starterFiles(name: string): Readonly<Record<string, string>> {
  return {
    'site.yaml': site(name),
    'hosts.yaml': hosts,
    'people.yaml': people,
    'policies.yaml': policies,
    'services.yaml': services,
    'runbooks/hello.yaml': hello,
    'runbooks/hello.test.yaml': helloTest,
    '.gitignore': 'data/\nsecrets/\n',
  };
}

function site(name: string): string {
  return `# What this site is called and where its parts listen. Check all files with: tocsin check
name: ${name}
timezone: UTC            # for schedules and reports, for example Asia/Shanghai
language: en             # en or zh; a person may choose otherwise in people.yaml
# url: https://tocsin.example.com   # address people reach us at; links in mail begin with it
data: data               # records, engine file, logs; keep it out of git

listen: { host: 127.0.0.1, port: ${ports.listen} }   # API and alarm hooks; loopback only unless you say otherwise
engine: { port: ${ports.engine}, http_port: ${ports.engine_http}, metrics_port: ${ports.engine_metrics} }
records: { port: ${ports.records} }

# Tokens are never written here, only where they are kept (from: env, or from: file).
operator_token: { from: file, key: secrets/operator.token }

sources:                 # who may send alarms: POST /hooks/<format> with "Authorization: Bearer <token>"
  - { name: alertmanager, format: alertmanager, token: { from: file, key: secrets/alertmanager.token } }
  - { name: scripts, format: generic, token: { from: file, key: secrets/generic.token } }

# mail:                  # without it nobody is reached by mail
#   host: smtp.example.com
#   port: 587
#   from: Tocsin <tocsin@example.com>
#   user: { from: env, key: SMTP_USER }
#   password: { from: env, key: SMTP_PASSWORD }

runbooks: [runbooks]     # the library that comes with Tocsin is always searched as well
`;
}

const hosts = `# The hosts runbooks may act on. In expressions: node.name, node.address, node.tags, node.vars.x, and every variable as node.x.
defaults:
  user: ops              # login
  port: 22
  key: ~/.ssh/id_ed25519
  known_hosts: ~/.ssh/known_hosts   # host keys are always checked; or pin them per host with host_keys
  production: true       # a drill never touches production

# import:                # inventories that you already have; what stands below "hosts" wins
#   ansible: [inventory.ini]
#   ssh_config: [~/.ssh/config]

hosts: {}
#  web-1: { address: 10.0.0.11, tags: [web, prod], vars: { cluster: shop } }
#  db-1:
#    address: 10.0.0.21
#    tags: [db, prod]
#    jump: bastion
#    host_keys: ["ssh-ed25519 AAAA…"]
#    sql: { user: tocsin, database: postgres, password_env: DB_PASSWORD }
`;

const people = `# Who is reached, and as what. A role may be held by several people; pages go to all of them.
people:
  first_responder:
    title: First responder
    # mail: first@example.com
    # phone: "+86 138 0000 0000"
    language: en
    roles: [on_duty, level_1, level_2, incident_commander, operations, security]
`;

const policies = `# Who is paged when a runbook does not say. Times count from the start of the incident.
escalation:
  fatal:   [{ after: 10m, to: [level_1, all_hands] }]
  severe:  [{ after: 15m, to: level_2 }]
  general: [{ after: 30m, to: on_duty, then: report }]

# Runbook that leads an incident which no alarm trigger matched; null = people only.
fallback: { fatal: null, severe: null, general: null }
`;

const services = `# What the business runs. tier 1 = the business stops without it, 4 = hardly noticed.
services: {}
#  shop: { title: Web shop, tier: 1, owner: dba, hosts: [web-1, db-1], objectives: { rto: 10m, rpo: 0s } }
`;

const hello = `# A first runbook: it touches no host. Try it with: tocsin simulate hello -i name=Ada
runbook: hello
version: 1
title: Say hello and ask whether it was heard
owner: on_duty
severity: general

inputs:
  name: { type: string, default: world, max: 40, title: Whom to greet }

steps:
  - id: greet
    title: Make the greeting
    set: { text: "Hello, \${{ inputs.name }}!" }

  - id: heard
    title: Somebody says that it was heard
    approve:
      ask: "\${{ steps.greet.out.text }} Was that heard?"
      by: { role: on_duty, not_requester: false }
      timeout: 5m
      on_timeout: reject

  - id: pause
    title: Wait a moment
    wait: { for: 10s }
`;

const helloTest = `# What must come of hello.yaml, and when; the clock is virtual. Run with: tocsin runbook test runbooks/hello.test.yaml
tests:
  - test: somebody hears it, and all is well
    inputs: { name: Ada }
    moves:
      - { at: 2m, by: ann, roles: [on_duty], approve: heard }
    timetable:
      - { at: 1m, expect: { step: heard, is: waiting } }
      - { expect: { step: greet, out: { text: "Hello, Ada!" } } }
      - { expect: { status: ok } }

  - test: nobody answers within five minutes, so it has failed
    timetable:
      - { at: 4m, expect: { status: waiting } }
      - { expect: { status: failed } }
      - { expect: { step: pause, is: pending } }
`;
