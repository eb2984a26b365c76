import { relative } from 'node:path';
import type { Played } from './story.ts';

export function summary(played: Played, elapsed_ms: number): string[] {
  const row = (name: string, value: string): string => `  ${name.padEnd(34)} ${value}`;
  return [
    '',
    `${played.incident} from alarm to report in ${(elapsed_ms / 1000).toFixed(0)} s`,
    row('alarm → first command answered', `${played.alarm_to_command_ms} ms`),
    row('alarm → page delivered', `${played.alarm_to_page_ms} ms`),
    row('alarm → acknowledged', `${(played.acknowledged_ms / 1000).toFixed(1)} s by ${played.acknowledged_by}`),
    row('alarm → isolated, proven', `${(played.isolated_ms / 1000).toFixed(1)} s`),
    row('steps done', String(played.steps)),
    ...played.reports.map((file, index) => row(index === 0 ? 'report' : '', relative(process.cwd(), file))),
    '',
    'Your own site:  npx tocsin init my-site   then   npx tocsin up --site my-site',
  ];
}
