import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../worker/services/ports.ts';
import { canIsolate } from '../lab/lab.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { root } from '../support/tocsin.ts';
import { hosts, isolation, loopbackRunbook, people, port } from './cast.ts';
import { logTails } from './logs.ts';
import { narrator, StoryError } from './narrate.ts';
import { play, type Played } from './story.ts';
import { summary } from './summary.ts';

/** `npm run demo`: one whole emergency on real hosts, unattended, and everything cleaned up behind it. */
async function main(): Promise<number> {
  const narrate = narrator((text) => void process.stdout.write(text), process.stdout.isTTY === true && !process.env['NO_COLOR']);
  const real = await canIsolate();
  const ports = real ? [port, port] : await freePorts(2);
  const folder = join(root, '.tocsin', 'demo');
  mkdirSync(folder, { recursive: true });
  let stage: Stage | null = null;
  let played: Played | null = null;
  const onSignal = (): void => void (stage?.close() ?? Promise.resolve()).finally(() => process.exit(130));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    narrate.act(
      real
        ? 'three hosts of our own, each with its own network, a mail server, and the platform'
        : 'three hosts on loopback (without root), a mail server, and the platform',
    );
    stage = await openStage({
      hosts: hosts(ports),
      people,
      say: narrate.say,
      vars: (host) => isolation(host, host.name === 'web-2' ? (ports[1] ?? port) : (ports[0] ?? port)),
      files: real ? {} : { 'runbooks/demo-isolate.yaml': loopbackRunbook },
    });
    played = await play({ stage, narrate, real, ports, folder });
  } catch (error) {
    narrate.act(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof StoryError && error.look) narrate.say(error.look);
    if (!(error instanceof StoryError) && error instanceof Error) narrate.say(error.stack ?? '');
    for (const line of stage === null ? [] : logTails(stage.folder)) narrate.say(line);
  } finally {
    if (stage !== null) narrate.act('everything is taken down again');
    await stage?.close();
  }
  if (played === null) return 1;
  for (const line of summary(played, narrate.elapsed_ms())) process.stdout.write(`${line}\n`);
  return 0;
}

void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
