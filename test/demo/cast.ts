import type { Host } from '../../workflows/domain/site.ts';
import type { JsonMap } from '../../workflows/domain/words.ts';
import type { LabHost } from '../lab/spec.ts';

export const port = 8080;

/** Two web servers and one that watches them. On loopback every service needs a port of its own. */
export function hosts(ports: readonly number[]): readonly LabHost[] {
  return [
    { name: 'web-1', tags: ['web'], services: { web: ports[0] ?? port } },
    { name: 'web-2', tags: ['web'], services: { web: ports[1] ?? port } },
    { name: 'watch-1', tags: ['witness'] },
  ];
}

/** What a host's entry in hosts.yaml says about how it is isolated and how that is proven. */
export function isolation(host: Host, web: number): JsonMap {
  return host.name.startsWith('web')
    ? { management: host.address.replace(/\.\d+$/, '.0/24'), proof: `${String(host.vars['service_address'])}:${web}` }
    : {};
}

export const people = `people:
  chen:
    title: Chen Wei
    mail: chen@example.test
    roles: [on_duty, level_1, incident_commander, security, operations]
  wu:
    title: Wu Min
    mail: wu@example.test
    language: zh
    roles: [level_2, technical_lead]
`;

/** Without root there is no network of one's own to cut, so the harmless form of isolation stops the service instead. */
export const loopbackRunbook = `runbook: demo_isolate
version: 1
title: Stop the service of a host that misbehaves, keep the evidence
owner: on_duty
severity: severe
triggers:
  - manual: {}
  - alarm:
      match: alarm.name == "service_misbehaves"
      with: { host: "\${{ alarm.labels.host }}" }
      converge: { key: "isolate/\${{ inputs.host }}", within: 30m, then: join }
      guard: { max_runs: 2, per: 1h, then: approve }
inputs:
  host: { type: string, required: true }
targets:
  suspect: { where: node.name == inputs.host, exactly: 1 }
steps:
  - id: state
    title: Keep what it is doing now
    risk: read
    ssh: { on: suspect, run: [sh, -c, "date -u; uname -a; cat /proc/loadavg; ps -eo pid,stat,args | head -50"] }
  - id: stop
    title: Stop the service
    risk: change
    ssh: { on: suspect, run: ["\${{ targets.suspect.vars.svc }}", stop, web] }
    done_when: { ssh: { on: suspect, run: ["\${{ targets.suspect.vars.svc }}", status, web] }, expect: result.exit == 3 }
    undo: { ssh: { on: suspect, run: ["\${{ targets.suspect.vars.svc }}", start, web] } }
  - id: silent
    title: Nobody reaches it any more
    probe: { tcp: "\${{ targets.suspect.vars.proof }}" }
    expect: "!result.up"
    retry: { max: 3, delay: 1s }
`;
