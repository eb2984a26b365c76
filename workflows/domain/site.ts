import type { JsonMap, Language, Severity } from './words.ts';

/** One host of the inventory, as expressions see it: `node.name`, `node.tags`, `node.vars.x`; every var is also `node.x`. */
export interface Node {
  readonly name: string;
  readonly address: string;
  readonly tags: readonly string[];
  readonly vars: JsonMap;
}

/** How to reach a host. Never enters a workflow: hands look it up by node name. */
export interface Host extends Node {
  readonly port: number;
  readonly user: string;
  /** Path of the private key; `null` = agent. */
  readonly key: string | null;
  /** Public host keys, each `type base64`; empty = look into `known_hosts`. */
  readonly host_keys: readonly string[];
  /** Path of an OpenSSH known_hosts file, or `null`. */
  readonly known_hosts: string | null;
  /** Names of hosts to jump through, nearest to us first. */
  readonly jump: readonly string[];
  /** Production hosts are refused in a drill. */
  readonly production: boolean;
  /** Environment variable that holds the PostgreSQL password, user and database defaults for `sql`. */
  readonly sql: { readonly port: number; readonly user: string; readonly database: string; readonly password_env: string | null } | null;
}

export interface Person {
  readonly name: string;
  readonly title: string;
  readonly mail: string | null;
  readonly phone: string | null;
  readonly language: Language;
  readonly roles: readonly string[];
}

/** Operator or source token as stored in the site: a reference, never the value. */
export interface SecretRef {
  readonly from: 'env' | 'file';
  readonly key: string;
}

export interface Source {
  readonly name: string;
  readonly format: 'alertmanager' | 'generic';
  readonly token: SecretRef;
  /** Runbooks that this source may start; empty = all with an alarm trigger. */
  readonly runbooks: readonly string[];
}

/** One line of the site's escalation policy, used where a runbook has none of its own. */
export interface SiteTier {
  /** From the start of the incident. */
  readonly after_ms: number;
  readonly to: readonly string[];
  readonly then: 'report' | null;
}

/** What the business runs, first form: enough to tell how bad an outage is. */
export interface Service {
  readonly name: string;
  readonly title: string;
  /** 1 = the business stops without it, 4 = hardly noticed. */
  readonly tier: number;
  readonly owner: string | null;
  readonly depends: readonly string[];
  /** Names of hosts it runs on. */
  readonly hosts: readonly string[];
  readonly objectives: { readonly rto_ms: number | null; readonly rpo_ms: number | null };
}

export interface Site {
  /** Absolute path of the site's folder. */
  readonly folder: string;
  readonly name: string;
  readonly timezone: string;
  readonly language: Language;
  /** Address people reach us at, for links in mail: `http://127.0.0.1:7780`. */
  readonly url: string;
  /** Absolute path of the data directory (records, engine file, logs, pids). */
  readonly data: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly engine: { readonly port: number; readonly http_port: number; readonly metrics_port: number };
  readonly records: { readonly port: number };
  readonly operator_token: SecretRef;
  readonly mail: {
    readonly host: string;
    readonly port: number;
    readonly secure: boolean;
    readonly from: string;
    readonly user: SecretRef | null;
    readonly password: SecretRef | null;
  } | null;
  readonly sources: readonly Source[];
  readonly hosts: readonly Host[];
  readonly people: readonly Person[];
  /** Runbook that leads an incident which no alarm trigger matched, by severity. */
  readonly fallback: Readonly<Record<Severity, string | null>>;
  /** Folders searched for runbooks, the site's own before the library. */
  readonly runbooks: readonly string[];
  /** By severity, from `policies.yaml`; by default fatal 10 min, severe 15 min, general 30 min. */
  readonly escalation?: Readonly<Record<Severity, readonly SiteTier[]>>;
  readonly services?: readonly Service[];
}
