import { z } from 'zod';
import { TocsinError } from '../../activities/platform/errors.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { Json, JsonMap } from '../../workflows/domain/words.ts';
import { cleanText, escapeLine } from './clean.ts';
import type { AlarmFormat, ReadAlarms, ReadOptions } from './format.ts';
import { identityOf } from './identity.ts';
import { limits } from './limits.ts';
import { readLinks, readMap, readMoment, readText } from './maps.ts';
import { severityOf } from './severity.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const one = z.looseObject({
  name: z.string().min(1).max(limits.value_chars).describe('What is wrong, as a short constant word: disk_full'),
  status: z.enum(['firing', 'resolved']).default('firing').optional().describe('firing (default) or resolved'),
  summary: z.string().optional().describe('One sentence for people'),
  severity: z
    .string()
    .optional()
    .describe('fatal, severe, general, or your own word; critical and page are fatal, error and warning severe'),
  labels: z.looseObject({}).optional().describe('Flat map of what it is about: host, service, cluster …'),
  annotations: z.looseObject({}).optional().describe('Flat map of text for people'),
  dedup_key: scalar.optional().describe('The same for every message about one fault; without it name and labels are the identity'),
  starts_at: z.union([z.string(), z.number()]).optional().describe('RFC 3339, or milliseconds since 1970'),
  ends_at: z.union([z.string(), z.number()]).optional().describe('RFC 3339, or milliseconds since 1970'),
  links: z.array(z.string()).optional().describe('Addresses of dashboards and procedures'),
});

const known = Object.keys(one.shape);

export const generic = {
  id: 'generic',
  words: {
    en: {
      title: 'Our own JSON',
      help: 'one alarm or an array of them: {"name": "disk_full", "severity": "fatal", "labels": {"host": "db1"}}',
    },
    zh: { title: '通用 JSON', help: '一个告警或告警数组：{"name": "disk_full", "severity": "fatal", "labels": {"host": "db1"}}' },
  },
  shape: z.union([one, z.array(one).max(limits.alarms)]),
  read,
} satisfies AlarmFormat;

function read(raw: Json, options: ReadOptions): ReadAlarms {
  const many = Array.isArray(raw) ? raw : [raw];
  if (many.length > limits.alarms)
    throw new TocsinError(`reading the alarm: ${many.length} alarms in one request, at most ${limits.alarms} are read`, {
      code: 'E-ALARM-MANY',
      hint: 'Send them in several requests.',
    });
  const warnings = new Set<string>();
  const alarms = many.map((item, index) => {
    const checked = one.safeParse(item);
    if (!checked.success) {
      const issue = checked.error.issues[0];
      const path = [...(Array.isArray(raw) ? [index] : []), ...(issue?.path ?? [])].join('.') || 'body';
      throw new TocsinError(`reading the alarm: ${path}: ${issue?.message ?? 'wrong shape'}`, {
        code: 'E-ALARM-SHAPE',
        hint: 'The least is {"name": "disk_full"}; all keys: ' + known.join(', ') + '.',
      });
    }
    const alarm = item as JsonMap;
    for (const key of Object.keys(alarm)
      .filter((word) => !known.includes(word))
      .slice(0, 8)) {
      const meant = nearest(key, known);
      warnings.add(
        `"${escapeLine(key, 64)}" is not a key of an alarm and was ignored${meant === null ? '' : `; did you mean "${meant}"?`}`,
      );
    }
    return toAlarm(alarm, options);
  });
  return { alarms, warnings: [...warnings].slice(0, 16) };
}

function toAlarm(raw: JsonMap, options: ReadOptions): Alarm {
  const labels = readMap(raw.labels, escapeLine);
  const annotations = readMap(raw.annotations, cleanText);
  const name = escapeLine(readText(raw.name) ?? '');
  const severity = readText(raw.severity) ?? labels.map.severity ?? null;
  const dedup = readText(raw.dedup_key);
  const left_out = labels.left_out + annotations.left_out;
  return {
    source: options.source,
    dedup_key: dedup ? escapeLine(dedup, limits.dedup_chars) : identityOf(name, labels.map),
    status: raw.status === 'resolved' ? 'resolved' : 'firing',
    name,
    summary: cleanText(readText(raw.summary) ?? annotations.map.summary ?? ''),
    source_severity: severity === null ? null : escapeLine(severity, 64),
    severity: severityOf(severity),
    labels: labels.map,
    annotations: annotations.map,
    starts_at: readMoment(raw.starts_at),
    ends_at: readMoment(raw.ends_at),
    links: readLinks(Array.isArray(raw.links) ? raw.links : [], escapeLine),
    ...(left_out > 0 ? { extra: { left_out } } : {}),
  };
}
