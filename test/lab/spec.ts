import type { Host } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';

export interface LabUser {
  readonly name: string;
  /** Login shell, `/bin/sh` unless told. */
  readonly shell?: string;
  /** May use sudo without a password. */
  readonly sudo?: boolean;
}

export interface LabHost {
  readonly name: string;
  readonly tags?: readonly string[];
  readonly vars?: JsonMap;
  readonly production?: boolean;
  readonly jump?: readonly string[];
  /** Services that `svc start NAME` knows, with their TCP port on the service address. */
  readonly services?: Readonly<Record<string, number>>;
}

export interface LabSpec {
  readonly hosts: readonly LabHost[];
  /** Accounts on every host beside root; only with namespaces. */
  readonly users?: readonly LabUser[];
  /** More lines of sshd_config. */
  readonly sshd?: readonly string[];
  /** Address sshd listens on; the management address unless told. Only with namespaces, where `0.0.0.0` is no danger. */
  readonly listen?: string;
  /** `false` = loopback even as root. */
  readonly namespaces?: boolean;
}

export interface LabAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A set of real machines as far as one machine can be several: own network, processes, files, boot id, sshd. */
export interface Lab {
  readonly id: string;
  readonly kind: 'namespaces' | 'loopback';
  readonly folder: string;
  readonly hosts: readonly Host[];
  /** Text of a hosts.yaml that lists them. */
  readonly inventory: string;
  /** Private key that opens every host. */
  readonly key: string;
  readonly host: (name: string) => Host;
  /** Acts on the machine directly, past sshd: for faults and for looking from outside. */
  readonly exec: (name: string, argv: readonly string[], stdin?: string) => Promise<LabAnswer>;
  /** Pulls the plug: every process of the machine dies at once. */
  readonly powerOff: (name: string) => Promise<void>;
  /** Switches it on again with a new boot id. */
  readonly powerOn: (name: string) => Promise<void>;
  /** Only sshd dies; sessions live on unless told. */
  readonly killSessions: (name: string) => Promise<number>;
  readonly newHostKey: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}
