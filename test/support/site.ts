import { join } from 'node:path';
import { freePorts } from '../../worker/services/ports.ts';
import { testFolder } from './folder.ts';
import type { Site } from '../../workflows/domain/site.ts';

/** A site in a folder of its own, on free ports, without hosts or people. */
export async function emptySite(over: Partial<Site> = {}): Promise<Site> {
  const folder = testFolder('site');
  const [port, http_port, metrics_port, records, listen] = (await freePorts(5)) as [number, number, number, number, number];
  return {
    folder,
    name: 'test',
    timezone: 'UTC',
    language: 'en',
    url: `http://127.0.0.1:${listen}`,
    data: join(folder, '.tocsin'),
    listen: { host: '127.0.0.1', port: listen },
    engine: { port, http_port, metrics_port },
    records: { port: records },
    operator_token: { from: 'env', key: 'TOCSIN_TOKEN' },
    mail: null,
    sources: [],
    hosts: [],
    people: [],
    fallback: { fatal: null, severe: null, general: null },
    runbooks: [],
    ...over,
  } as Site;
}
