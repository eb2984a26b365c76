import { z } from 'zod';
import { faults } from '../../workflows/core/simulate/index.ts';
import { durationMs } from '../../workflows/domain/duration.ts';
import { runStatuses, severities, stepStatuses } from '../../workflows/domain/words.ts';
import { cel, duration, id, names, text, values } from '../language/shapes/words.ts';

/** Shape of a `*.test.yaml`: what is given, what the world answers, and a time table of what must come of it. */

const place = z
  .string()
  .regex(
    /^(\*|[a-z][a-z0-9_]*[?~]?|(checks\.(before|after)|on_failure|finally)\[\d+\])$/,
    'must be a step, STEP? (its done_when), STEP~ (its undo), checks.before[0], finally[0], or *',
  );
const at = {
  at: place.describe('Where: step, `step?` done_when, `step~` undo, `checks.before[0]`, `finally[0]`, `*`'),
  node: text.optional().describe('Only this node or item'),
  times: z.int().min(1).optional().describe('How often; always'),
};

const answer = z.strictObject({
  ...at,
  result: values.describe('What the act gives: `{exit: 0, stdout: "…"}`, `{rows: [{n: 1}]}`'),
  ok: z.boolean().optional().describe('Whether it succeeded; by its exit'),
});
const fault = z.strictObject({
  ...at,
  fault: z.enum(faults).describe('What goes wrong'),
  exit: z.int().optional().describe('Exit code of `fault: exit`; 1'),
});
const delay = z.strictObject({ ...at, delay: duration.describe('How long it takes') });

export const stepMoves = ['approve', 'reject', 'skip', 'confirm', 'take_over', 'retry'] as const;
export const runMoves = ['pause', 'resume', 'abort'] as const;
export const incidentMoves = ['acknowledge', 'resolve'] as const;

const stepMove = Object.fromEntries(
  stepMoves.map((kind) => [kind, id.optional().describe(`Step to ${kind}; \`start\` for a run that is held`)]),
) as Record<(typeof stepMoves)[number], z.ZodOptional<typeof id>>;
const flags = Object.fromEntries([...runMoves, ...incidentMoves].map((kind) => [kind, z.literal(true).optional()])) as Record<
  (typeof runMoves)[number] | (typeof incidentMoves)[number],
  z.ZodOptional<z.ZodLiteral<true>>
>;

const move = z
  .strictObject({
    at: duration.describe('From the start'),
    by: text.default('somebody').describe('Who; whoever starts the run is `tester`'),
    roles: z.array(text).optional().describe('Roles of that person'),
    reason: text.default('scripted'),
    ...stepMove,
    ...flags,
    out: values.optional().describe('With take_over: what later steps read'),
    args: values.optional().describe('With retry: arguments to replace'),
    severity: z.enum(severities).optional().describe('Somebody judges the incident'),
    hand_over: text.optional().describe('Command goes to'),
  })
  .refine(
    (given) =>
      [...stepMoves, ...runMoves, ...incidentMoves, 'severity', 'hand_over'].filter(
        (key) => (given as { readonly [key: string]: unknown })[key] !== undefined,
      ).length === 1,
    `must say exactly one of ${[...stepMoves, ...runMoves, ...incidentMoves].join(', ')}, severity, hand_over`,
  );
export type MoveSource = z.infer<typeof move>;

const expectation = z
  .strictObject({
    paged: names.optional().describe('Paged at that very time'),
    not_paged: names.optional().describe('Not paged up to that time'),
    told: names.optional().describe('Told by the run (notify, approvals, escalate) up to that time'),
    status: z.enum(runStatuses).optional().describe('Status of the run'),
    step: id.optional().describe('Step, with `is`'),
    is: z.union([z.enum(stepStatuses), z.array(z.enum(stepStatuses)).min(1)]).optional(),
    out: values.optional().describe('With `step`: these values are in its out'),
    never: z
      .union([place, z.array(place).min(1)])
      .optional()
      .describe('Never performed up to that time'),
    performed: place.optional().describe('Performed up to that time, with `times`'),
    times: z.int().min(1).optional(),
    order: z.array(place).min(2).optional().describe('First performed in this order'),
    undone: z.array(id).optional().describe('Undone, in this order, and nothing else'),
    line: text.optional().describe('A line with this code is in the timeline'),
    next: text.optional().describe('What happens next: step, approval, decision, retry, timer, lock, undo, end'),
    problem: text.optional().describe('The run failed, and its reason says this'),
    score: z.number().optional().describe("Points of the runbook's drill.score, at the end"),
    that: cel.optional().describe('True of the run: roots inputs, steps, run, checks …'),
  })
  .refine(
    (given) =>
      subjects.filter((key) => given[key] !== undefined).length === 1 ||
      (given.step !== undefined && (given.line !== undefined || given.next !== undefined)),
    'must say exactly one of paged, not_paged, told, status, step, never, performed, order, undone, line, next, problem, score, that',
  )
  .refine((given) => given.is === undefined || given.step !== undefined, '"is" needs "step"');
export const subjects = [
  'paged',
  'not_paged',
  'told',
  'status',
  'step',
  'never',
  'performed',
  'order',
  'undone',
  'line',
  'next',
  'problem',
  'score',
  'that',
] as const;
export type Expectation = z.infer<typeof expectation>;

const row = z.strictObject({
  at: z
    .string()
    .refine((value) => value === 'end' || durationMs(value) !== null, 'must be a duration such as 10m, or end')
    .default('end')
    .describe('Time from the start; the end'),
  expect: z.union([expectation, z.array(expectation).min(1)]).transform((value) => (Array.isArray(value) ? value : [value])),
});

const node = z.strictObject({ name: text, address: text.default('192.0.2.1'), tags: z.array(text).default([]), vars: values.default({}) });
const alarm = z.strictObject({
  name: text,
  summary: z.string().default(''),
  severity: z.enum(severities).default('general'),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

const testCase = z.strictObject({
  test: text.describe('The promise, in one sentence'),
  inputs: values.default({}),
  nodes: z.array(node).optional().describe('Instead of the nodes of the file'),
  alarm: alarm.optional(),
  severity: z.enum(severities).optional().describe("Of the incident; the runbook's"),
  hold: text.optional().describe('Why the start needs approval, as when a guard is exceeded'),
  by: text.default('tester').describe('Who starts the run'),
  drill: z.boolean().default(false).describe("With the faults and delays of the runbook's drill.inject"),
  seed: z.int().default(1),
  answers: z.array(answer).default([]),
  faults: z.array(fault).default([]),
  delays: z.array(delay).default([]),
  moves: z.array(move).default([]),
  held: z
    .array(z.strictObject({ lock: text, until: duration }))
    .default([])
    .describe('Locks that another run holds'),
  timetable: z.array(row).min(1).describe('What must be true, and when'),
});
export type TestCase = z.infer<typeof testCase>;

export const testFile = z.strictObject({
  runbook: text.optional().describe('File of the runbook, from here; the file of the same name'),
  nodes: z.array(node).default([]),
  tests: z.array(testCase).min(1),
});
export type TestFile = z.infer<typeof testFile>;
