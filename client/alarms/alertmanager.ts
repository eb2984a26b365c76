import { z } from 'zod';
import { TocsinError } from '../../activities/platform/errors.ts';
import type { Alarm } from '../../workflows/domain/alarm.ts';
import type { Json, JsonMap } from '../../workflows/domain/words.ts';
import { cleanText, escapeLine } from './clean.ts';
import type { AlarmFormat, ReadAlarms, ReadOptions } from './format.ts';
import { identityOf } from './identity.ts';
import { limits } from './limits.ts';
import { readLinks, readMap, readMoment, readText } from './maps.ts';
import { severityOf } from './severity.ts';

/** Webhook of Prometheus Alertmanager: prometheus/alertmanager docs/configuration.md, `webhook_config`; version "4". */
const shape = z.looseObject({
  version: z.union([z.string(), z.number()]).optional(),
  status: z.string().optional(),
  receiver: z.string().optional(),
  groupKey: z.union([z.string(), z.number()]).optional(),
  truncatedAlerts: z.union([z.string(), z.number()]).optional(),
  externalURL: z.string().optional(),
  alerts: z.array(
    z.looseObject({
      status: z.enum(['firing', 'resolved']).optional(),
      labels: z.looseObject({}),
      annotations: z.looseObject({}).optional(),
      startsAt: z.string().nullish(),
      endsAt: z.string().nullish(),
      generatorURL: z.string().nullish(),
      fingerprint: z.string().nullish(),
    }),
  ),
});

export const alertmanager = {
  id: 'alertmanager',
  words: {
    en: {
      title: 'Prometheus Alertmanager',
      help: 'webhook_config with url /hooks/alertmanager and http_config.authorization.credentials = the token of the source',
    },
    zh: {
      title: 'Prometheus Alertmanager',
      help: 'webhook_config 的 url 填 /hooks/alertmanager，http_config.authorization.credentials 填该来源的令牌',
    },
  },
  shape,
  read,
} satisfies AlarmFormat;

function read(raw: Json, options: ReadOptions): ReadAlarms {
  const checked = shape.safeParse(raw);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw new TocsinError(
      `reading the alarm: not a webhook of Alertmanager: ${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'wrong shape'}`,
      {
        code: 'E-ALARM-SHAPE',
        hint: 'Point webhook_config at this address without a payload template, or post our own JSON to /hooks/generic.',
      },
    );
  }
  // The raw value is read on, not zod's copy: a copy could trip over a label called `__proto__`.
  const group = raw as JsonMap;
  const alerts = group.alerts as JsonMap[];
  if (alerts.length > limits.alarms)
    throw new TocsinError(`reading the alarm: ${alerts.length} alerts in one request, at most ${limits.alarms} are read`, {
      code: 'E-ALARM-MANY',
      hint: 'Set max_alerts in webhook_config.',
    });
  const truncated = Number(group.truncatedAlerts ?? 0) || 0;
  const warnings = truncated > 0 ? [`Alertmanager left out ${truncated} alerts (max_alerts); they are not known here`] : [];
  return { alarms: alerts.map((alert) => toAlarm(alert, group, truncated, options)), warnings };
}

function toAlarm(alert: JsonMap, group: JsonMap, truncated: number, options: ReadOptions): Alarm {
  const labels = readMap(alert.labels, escapeLine);
  const annotations = readMap(alert.annotations, cleanText);
  const name = labels.map.alertname ?? 'unnamed alarm';
  const source_severity = labels.map.severity ?? null;
  const status = alert.status ?? (group.status === 'resolved' ? 'resolved' : 'firing');
  const extra: JsonMap = {};
  if (truncated > 0) extra.truncated_alerts = truncated;
  if (labels.left_out + annotations.left_out > 0) extra.left_out = labels.left_out + annotations.left_out;
  for (const key of ['receiver', 'groupKey', 'notification_reason'] as const) {
    const value = readText(group[key]);
    if (value !== null) extra[key] = escapeLine(value);
  }
  const fingerprint = readText(alert.fingerprint);
  return {
    source: options.source,
    // Version "3" gave no fingerprint.
    dedup_key: fingerprint ? escapeLine(fingerprint, limits.dedup_chars) : identityOf(name, labels.map),
    status: status as Alarm['status'],
    name,
    summary: annotations.map.summary ?? annotations.map.description ?? annotations.map.message ?? '',
    source_severity,
    severity: severityOf(source_severity),
    labels: labels.map,
    annotations: annotations.map,
    starts_at: readMoment(alert.startsAt),
    ends_at: status === 'resolved' ? readMoment(alert.endsAt) : null,
    links: readLinks([annotations.map.runbook_url, annotations.map.dashboard_url, alert.generatorURL, group.externalURL], escapeLine),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}
