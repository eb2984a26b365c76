import type { Cli } from '../cli.ts';
import { span } from '../duration.ts';
import { exit } from '../exit.ts';
import type { RunRow } from '../wire.ts';
import { moment } from '../wire.ts';

/** Exit code of an ended run, or `null` while it goes on. */
export function endOf(run: RunRow): number | null {
  if (run.status === 'failed' || run.status === 'aborted') return exit.failed;
  if (run.status !== 'ok') return null;
  return warnings(run).length > 0 ? exit.warnings : exit.done;
}

/** Whether only a person can move it on: an approval, or an outcome nobody knows. */
export function needsPerson(run: RunRow): boolean {
  const next = run.state?.next ?? run.next;
  return next?.what === 'approval' || next?.what === 'decision' || (run.state?.steps ?? []).some((step) => step.status === 'asking');
}

function warnings(run: RunRow): string[] {
  return (run.state?.steps ?? []).filter((step) => step.status === 'continued').map((step) => step.id);
}

export function tellEnd(cli: Cli, run: RunRow, code: number): number {
  const took = (moment(run.ended_at) ?? cli.now()) - (moment(run.created_at) ?? cli.now());
  const warned = warnings(run);
  if (cli.json)
    cli.document({
      type: 'end',
      run: run.id,
      status: run.status,
      seconds: took / 1000,
      warnings: warned,
      problem: run.problem ?? null,
      exit: code,
    });
  else if (cli.quiet) cli.say(run.id);
  else
    cli.say(
      cli.word(warned.length > 0 ? 'ended_warnings' : 'ended', {
        subject: run.id,
        status: run.status,
        span: span(took),
        warnings: warned.join(', '),
      }),
    );
  if (!cli.json && run.problem?.message) cli.hint(cli.ink('red', run.problem.message.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')));
  if (!cli.json && run.problem?.hint) cli.hint(run.problem.hint.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' '));
  return code;
}

export function tellWaits(cli: Cli, run: RunRow): number {
  const next = run.state?.next ?? run.next;
  const step = next?.step ?? (run.state?.steps ?? []).find((one) => one.status === 'asking')?.id ?? '';
  const command = next?.what === 'approval' ? `tocsin approve ${run.id} ${step}` : `tocsin runs show ${run.id}`;
  if (cli.json) cli.document({ type: 'waits', run: run.id, step, command, exit: exit.waitsForApproval });
  else cli.hint(cli.word('waits', { subject: run.id, what: step, command }));
  return exit.waitsForApproval;
}
