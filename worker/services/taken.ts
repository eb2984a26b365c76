import { TocsinError } from '../../activities/platform/errors.ts';
import { portHolder, portTaken } from './ports.ts';

/** Throws `E-PORT-TAKEN` when somebody else listens there: names the port, who has it, and the setting to change. */
export async function requireFreePort(port: number, setting: string, what: string, host = '127.0.0.1'): Promise<void> {
  if (!(await portTaken(port, host))) return;
  const holder = portHolder(port);
  const by = holder === null ? 'another process (not readable for this account)' : `pid ${holder.pid} (${holder.command})`;
  throw new TocsinError(`cannot start the ${what}: port ${port} of ${host} is taken by ${by}`, {
    code: 'E-PORT-TAKEN',
    retry: true,
    hint: `End that process, or set "${setting}" in site.yaml to a free port.`,
  });
}
