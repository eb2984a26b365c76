/** The closed lists of the field. A list lives here once; shapes, forms and tables are drawn from it. */

export const severities = ['fatal', 'severe', 'general'] as const;
export type Severity = (typeof severities)[number];

export const risks = ['read', 'change', 'destructive'] as const;
export type Risk = (typeof risks)[number];

/** How a run touches the world. Only `live` acts on production; `drill` refuses it; `simulate` touches nothing. */
export const modes = ['live', 'drill', 'sandbox', 'simulate'] as const;
export type Mode = (typeof modes)[number];

export const runStatuses = ['running', 'paused', 'waiting', 'undoing', 'finishing', 'ok', 'failed', 'aborted'] as const;
export type RunStatus = (typeof runStatuses)[number];
export const endStatuses = ['ok', 'failed', 'aborted'] as const;
export type EndStatus = (typeof endStatuses)[number];

/**
 * `pending` not begun · `running` · `waiting` for a time or a person · `asking` outcome unknown, a person must decide ·
 * the rest are final.
 */
export const stepStatuses = ['pending', 'running', 'waiting', 'asking', 'ok', 'failed', 'continued', 'skipped', 'undone'] as const;
export type StepStatus = (typeof stepStatuses)[number];

/**
 * `unreachable` the host was never reached, so nothing ran · `timeout` · `exit` the command or vendor said no ·
 * `expect` it ran, the success test was false · `unknown` it may or may not have run · `refused` a guard, a lock or a wrong
 * argument stopped it before any effect · `cancelled` stopped on request and proven gone.
 */
export const errorKinds = ['unreachable', 'timeout', 'exit', 'expect', 'unknown', 'refused', 'cancelled'] as const;
export type ErrorKind = (typeof errorKinds)[number];

export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonMap = { [key: string]: Json };
/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. */
export type Moment = number;
