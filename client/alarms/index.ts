import { alertmanager } from './alertmanager.ts';
import type { AlarmFormat } from './format.ts';
import { generic } from './generic.ts';

/** Every alarm format, one line each. */
export const alarmFormats: readonly AlarmFormat[] = [alertmanager, generic];

export type { AlarmFormat, ReadAlarms } from './format.ts';
