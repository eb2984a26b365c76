import path from 'node:path';
import { reportLines, runTestFile, testFilesIn, testRunbooks } from '../../../runbooks/test/index.ts';

const fixture = (name: string) => path.join(__dirname, 'fixtures', name);

test('a file whose promises hold', async () => {
  const report = await testRunbooks([fixture('switchover.test.yaml')]);

  expect(reportLines(report, { from: __dirname }).join('\n')).toBe(`PASS fixtures/switchover.test.yaml
  ok   all is well, nobody need be asked (3s)
  ok   nobody answers, so level 1 is paged after ten minutes and level 2 after twenty-five (55m2s)
  ok   somebody acknowledges, the clock stops (55m3s)
  ok   the old primary cannot be reached, two people take the risk (3m1s)
  ok   they say no, and nothing is promoted (2m1s)
  ok   the promotion fails, so the fence is taken back (5s)

6 passed, 0 failed`);
});

test('a row that does not hold says what was wanted, what was found, and where it stands', async () => {
  const report = await testRunbooks([fixture('wrong.test.yaml')]);
  const text = reportLines(report, { from: __dirname }).join('\n');

  expect(report).toMatchObject({ passed: 0, failed: 2 });
  expect(text).toContain(`    at 15m  fixtures/wrong.test.yaml:10
      - wanted  level_1 paged at 15m
      + found   level_1 paged at 10m`);
  expect(text).toContain('      - wanted  promote failed\n      + found   promote ok');
  expect(text).toContain('      - wanted  promote → fence\n      + found   fence → promote');
  expect(text).toContain('      - wanted  steps.lag.out.bytes > 5\n      + found   it is false');
  expect(text).toContain('colour');
});

test('nonsense is an error with its line and the nearest word, and nothing is played', async () => {
  const { cases, problems } = await runTestFile(fixture('nonsense.test.yaml'));

  expect(cases).toEqual([]);
  expect(problems.map(({ line, message, hint }) => `${line}: ${message} ${hint ?? ''}`.trim())).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^4: "inptus" .*did you mean "inputs"/),
      expect.stringMatching(/^6: .*duration/),
      expect.stringMatching(/^8: .*exactly one of/),
    ]),
  );
});

test('a step that the runbook does not have is an error, also where it could only ever pass', async () => {
  const { problems } = await runTestFile(fixture('typo.test.yaml'));

  expect(problems.map(({ line, message, hint }) => ({ line, message, hint }))).toEqual([
    { line: 8, message: 'runbook "small_switchover" has no step "fnece"', hint: 'did you mean "fence"?' },
    { line: 10, message: 'runbook "small_switchover" has no step "promot"', hint: 'did you mean "promote"?' },
  ]);
});

test('a file that is not there, and one without its runbook', async () => {
  expect((await runTestFile(fixture('none.test.yaml'))).problems).toMatchObject([{ message: expect.stringContaining('does not exist') }]);
  expect((await runTestFile(fixture('orphan.test.yaml'))).problems).toMatchObject([
    { message: expect.stringContaining('there is no runbook'), hint: 'write runbook: FILE, a path from this file' },
  ]);
});

test('folders are searched', async () => {
  expect((await testFilesIn([path.join(__dirname, 'fixtures')])).map((file) => path.basename(file))).toEqual([
    'nonsense.test.yaml',
    'orphan.test.yaml',
    'switchover.test.yaml',
    'typo.test.yaml',
    'wrong.test.yaml',
  ]);
});
