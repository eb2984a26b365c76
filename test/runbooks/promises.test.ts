import path from 'node:path';
import { reportLines, testRunbooks } from '../../runbooks/test/index.ts';

test('every runbook of the library keeps its promises on a virtual clock', async () => {
  const report = await testRunbooks([path.join(__dirname, '../../runbooks')]);

  expect(report.failed === 0 ? 'all passed' : reportLines(report).join('\n')).toBe('all passed');
  expect(report.passed).toBeGreaterThan(15);
});
