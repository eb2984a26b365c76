import { spawn } from 'node:child_process';
import { isAlive, processId, stopProcess } from '../../../worker/services/process.ts';

test('a process is known by pid and birth, not by pid alone', () => {
  const me = processId(process.pid)!;

  expect(isAlive(me)).toBe(true);
  expect(isAlive({ ...me, born: 'another/1' })).toBe(false);
});

test('stopProcess asks first and forces after the grace', async () => {
  const polite = spawn('sleep', ['60'], { stdio: 'ignore' });
  const deaf = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => deaf.stdout.once('data', resolve));
  const id = processId(polite.pid!)!;

  expect(await stopProcess(id, { grace_ms: 2_000 })).toBe('stopped');
  expect(await stopProcess(id)).toBe('gone');
  expect(await stopProcess(processId(deaf.pid!)!, { grace_ms: 100 })).toBe('killed');
});
