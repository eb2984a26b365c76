import { authoriseStart } from '../../../client/http/authority.ts';
import type { Plan } from '../../../workflows/core/plan.ts';
import type { Person, Site } from '../../../workflows/domain/site.ts';

function person(name: string, roles: readonly string[]): Person {
  return { name, title: name, mail: null, phone: null, language: 'en', roles };
}

const site = { people: [person('ann', ['dba']), person('bob', ['auditor'])] } as unknown as Site;
const planFor = (...roles: string[][]) =>
  ({ runbook: 'r', triggers: roles.map((each) => ({ on: 'manual', roles: each })) }) as unknown as Plan;

test('a runbook for a role is started by its holders only', () => {
  expect(() => authoriseStart(site, planFor(['dba']), 'ann')).not.toThrow();
  expect(() => authoriseStart(site, planFor(['dba']), 'bob')).toThrow(
    expect.objectContaining({ code: 'E-REFUSED-ROLE', hint: expect.stringContaining('ann') as string }) as Error,
  );
  expect(() => authoriseStart(site, planFor(['dba'], ['auditor']), 'bob')).not.toThrow();
});

test('without roles anybody may start it, and roles that nobody holds lock nobody out', () => {
  expect(() => authoriseStart(site, planFor([]), 'carl')).not.toThrow();
  expect(() => authoriseStart(site, planFor(['dba'], []), 'carl')).not.toThrow();
  expect(() => authoriseStart(site, planFor(['captain']), 'carl')).not.toThrow();
});
