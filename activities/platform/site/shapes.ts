import { z } from 'zod';
import { languages, severities } from '../../../workflows/domain/words.ts';
import { duration, name, names, port, secretRef, text } from './words.ts';

/** Ports of the embedded parts, chosen side by side and away from a Temporal or PostgreSQL that may already run. */
export const ports = { listen: 7780, engine: 7781, engine_http: 7782, engine_metrics: 7783, records: 7784 } as const;

export const siteShape = z.strictObject({
  name: name.describe('Short name of the site'),
  timezone: text.default('UTC').refine(isTimezone, 'must be an IANA time zone such as Asia/Shanghai').describe('For schedules and reports'),
  language: z.enum(languages).default('en').describe('For people who did not choose one'),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address people reach us at; links in mail begin with it'),
  data: text.default('data').describe('Folder for records, engine file, logs; relative to the site'),
  listen: z
    .strictObject({ host: text.default('127.0.0.1'), port: port.default(ports.listen) })
    .prefault({})
    .describe('Where the API and hooks listen'),
  engine: z
    .strictObject({
      port: port.default(ports.engine),
      http_port: port.default(ports.engine_http),
      metrics_port: port.default(ports.engine_metrics),
    })
    .prefault({})
    .describe('Ports of the embedded Temporal server, loopback only'),
  records: z
    .strictObject({ port: port.default(ports.records) })
    .prefault({})
    .describe('Port of the embedded PostgreSQL, loopback only'),
  operator_token: secretRef.default({ from: 'env', key: 'TOCSIN_TOKEN' }).describe('Token of the API and the CLI'),
  mail: z
    .strictObject({
      host: text.describe('SMTP server'),
      port: port.default(587),
      secure: z.boolean().default(false).describe('TLS from the first byte (port 465)'),
      from: text.describe('Sender: "Tocsin <tocsin@example.com>"'),
      user: secretRef.optional(),
      password: secretRef.optional(),
    })
    .optional()
    .describe('How mail is sent; absent: nobody is reached by mail'),
  sources: z
    .array(
      z.strictObject({
        name: name.describe('Who sends'),
        format: z.enum(['alertmanager', 'generic']),
        token: secretRef.describe('Bearer token the source must send'),
        runbooks: z.array(text).default([]).describe('Runbooks it may start; empty: all with an alarm trigger'),
      }),
    )
    .default([])
    .describe('Who may send alarms'),
  runbooks: z
    .array(text)
    .default(['runbooks'])
    .describe('Folders with runbooks; the library that comes with the product is always searched last'),
});
export type SiteFile = z.infer<typeof siteShape>;

const hostKey = z.string().regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$/, 'must be a public key: "ssh-ed25519 AAAA…"');
const sqlShape = z.strictObject({
  port: port.optional().describe('5432'),
  user: text.optional().describe('postgres'),
  database: text.optional().describe('postgres'),
  password_env: text.optional().describe('Environment variable of the worker that holds the password'),
});
const hostKeys = {
  user: text.optional().describe('Login; root when nothing says otherwise'),
  port: port.optional().describe('22'),
  key: text.optional().describe('Private key file; absent: the SSH agent'),
  known_hosts: text.optional().describe('OpenSSH known_hosts file, used when the host has no host_keys'),
  jump: names.optional().describe('Hosts to go through, the nearest to us first'),
  production: z.boolean().optional().describe('Production is refused in a drill; true when nothing says otherwise'),
  tags: z.array(text).optional().describe('Words to select by: `"web" in node.tags`'),
  vars: z.record(z.string(), z.json()).optional().describe('Free; in expressions `node.vars.x` and `node.x`'),
  sql: sqlShape.optional().describe('How `sql` steps log in'),
};
export const hostShape = z.strictObject({
  address: text.optional().describe("DNS name or IP; the host's name when absent"),
  host_keys: z.array(hostKey).optional().describe('Public host keys that are accepted'),
  ...hostKeys,
});
export type HostEntry = z.infer<typeof hostShape>;
export type HostDefaults = Omit<HostEntry, 'address' | 'host_keys'>;

export const hostsShape = z.strictObject({
  defaults: z.strictObject(hostKeys).prefault({}).describe('For every host that does not say otherwise'),
  import: z
    .strictObject({
      ansible: names.optional().describe('Inventory files, INI or YAML'),
      ssh_config: names.optional().describe('OpenSSH client configurations'),
    })
    .prefault({})
    .describe('Inventories that you already have; what stands below "hosts" wins'),
  hosts: z.record(name, hostShape.nullable()).default({}),
});

export const peopleShape = z.strictObject({
  people: z
    .record(
      name,
      z.strictObject({
        title: text.optional().describe('Full name'),
        mail: z.email().optional(),
        phone: z
          .string()
          .regex(/^\+?[0-9][0-9 -]{4,}$/, 'must be a phone number')
          .optional(),
        language: z.enum(languages).optional(),
        roles: z.array(text).default([]).describe('on_duty, level_1, level_2, incident_commander, dba, …'),
      }),
    )
    .default({}),
});

const tier = z.strictObject({ after: duration, to: names, then: z.literal('report').optional() });
export const policiesShape = z.strictObject({
  escalation: z
    .strictObject(
      Object.fromEntries(severities.map((severity) => [severity, z.array(tier).optional()])) as Record<
        (typeof severities)[number],
        z.ZodOptional<z.ZodArray<typeof tier>>
      >,
    )
    .prefault({})
    .describe('Who is paged when, where a runbook does not say'),
  fallback: z
    .strictObject(
      Object.fromEntries(severities.map((severity) => [severity, text.nullable().optional()])) as Record<
        (typeof severities)[number],
        z.ZodOptional<z.ZodNullable<typeof text>>
      >,
    )
    .prefault({})
    .describe('Runbook that leads an incident which no alarm trigger matched'),
});

export const servicesShape = z.strictObject({
  services: z
    .record(
      name,
      z.strictObject({
        title: text.optional(),
        tier: z.int().min(1).max(4).default(3).describe('1 = the business stops without it, 4 = hardly noticed'),
        owner: text.optional().describe('Role that answers for it'),
        depends: z.array(name).default([]),
        hosts: z.array(name).default([]),
        objectives: z.strictObject({ rto: duration.optional(), rpo: duration.optional() }).prefault({}),
      }),
    )
    .default({}),
});

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
