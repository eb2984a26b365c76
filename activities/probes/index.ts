import { http } from './http.ts';
import { ping } from './ping.ts';
import { postgres } from './postgres.ts';
import type { Probe } from './probe.ts';
import { tcp } from './tcp.ts';

export const probeIds = ['tcp', 'http', 'ping', 'postgres'] as const;

/** Every probe by the word the runbook uses. */
export const probes: Readonly<Record<(typeof probeIds)[number], Probe>> = { tcp, http, ping, postgres };
