import type { Stage } from '../support/stage.ts';
import { StoryError } from './narrate.ts';

export interface Line {
  readonly at: number;
  readonly code: string;
  readonly step: string | null;
  readonly node: string | null;
}
export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly phase: string;
  readonly run: string | null;
  readonly acknowledged_at: number | null;
  readonly acknowledged_by: string | null;
  readonly opened_at: number;
}
export interface Run {
  readonly id: string;
  readonly status: string;
  readonly title: string;
  readonly problem: { readonly message: string } | null;
  readonly state: { readonly steps: readonly { readonly id: string; readonly status: string }[] } | null;
}

/** The story's own eyes and hands: plain HTTP, as a monitor and a browser have. */
export interface World {
  readonly get: <T>(path: string) => Promise<T>;
  readonly alarm: (alert: {
    readonly name: string;
    readonly host: string;
    readonly status: 'firing' | 'resolved';
    readonly began: Date;
  }) => Promise<number>;
  /** Status of a page, 0 when nothing answers. */
  readonly page: (url: string, method?: 'GET' | 'POST') => Promise<{ readonly status: number; readonly text: string }>;
}

export function makeWorld(stage: Stage): World {
  const page: World['page'] = async (url, method = 'GET') => {
    try {
      const answer = await fetch(url, { method, redirect: 'follow', signal: AbortSignal.timeout(3_000) });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: 0, text: '' };
    }
  };
  return {
    page,
    get: async <T>(path: string) => {
      const answer = await fetch(`${stage.url}/api/v1${path}`, { headers: { authorization: `Bearer ${stage.token('operator')}` } });
      if (!answer.ok) throw new StoryError(`GET ${path} answered ${answer.status}`);
      return (await answer.json()) as T;
    },
    alarm: async ({ name, host, status, began }) => {
      const alert = {
        status,
        fingerprint: `demo-${host}`,
        labels: { alertname: name, severity: 'critical', host },
        annotations: { summary: `${host} answers its users with errors` },
        startsAt: began.toISOString(),
        endsAt: status === 'resolved' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
      };
      const body = JSON.stringify({
        version: '4',
        groupKey: 'demo',
        status,
        receiver: 'tocsin',
        groupLabels: {},
        commonLabels: {},
        commonAnnotations: {},
        externalURL: 'http://127.0.0.1',
        alerts: [alert],
      });
      const answer = await fetch(`${stage.url}/hooks/alertmanager`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${stage.token('alertmanager')}`, 'content-type': 'application/json' },
      });
      if (answer.status !== 202) throw new StoryError(`the alarm was not accepted: ${answer.status} ${await answer.text()}`);
      return Date.now();
    },
  };
}
