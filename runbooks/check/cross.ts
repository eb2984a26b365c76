import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from '../../workflows/core/plan.ts';
import type { Finding } from '../../workflows/domain/finding.ts';
import { nearest } from '../../workflows/domain/nearest.ts';
import type { Person, SecretRef, Site } from '../../workflows/domain/site.ts';
import { severities } from '../../workflows/domain/words.ts';
import type { Library, Runbook } from '../library.ts';
import { peopleCalled } from './people-called.ts';

interface Known {
  readonly site: Site;
  readonly library: Library;
  readonly names: ReadonlySet<string>;
  readonly own: readonly Runbook[];
}

/** What one file says about another: roles and persons, runbooks, hosts, secrets. */
export function crossCheck(site: Site, library: Library): Finding[] {
  const names = new Set(['all_hands', ...site.people.map(({ name }) => name), ...site.people.flatMap(({ roles }) => roles)]);
  const own = library.runbooks.filter(({ file }) => file.startsWith(`${site.folder}${path.sep}`));
  const known = { site, library, names, own };
  return [...escalationReaches(known), ...runbookPeople(known), ...runbookNames(known), ...servicesFit(known), ...secretsThere(known)];
}

function finding(site: Site, file: string, level: Finding['level'], code: string, message: string, hint: string | null): Finding {
  return { file: path.resolve(site.folder, file), line: 1, column: 1, level, code, message, hint };
}

function didYouMean(word: string, known: Iterable<string>, otherwise: string): string {
  const near = nearest(word, known);
  return near === null ? otherwise : `did you mean "${near}"?`;
}

/** A page that nobody receives is the failure that shows only at night. */
function escalationReaches({ site, names }: Known): Finding[] {
  const found: Finding[] = [];
  for (const severity of severities) {
    for (const to of (site.escalation?.[severity] ?? []).flatMap((tier) => tier.to)) {
      if (!names.has(to))
        found.push(
          finding(
            site,
            'policies.yaml',
            'error',
            'E-NOBODY',
            `escalation.${severity} pages "${to}", which is no person and no role`,
            didYouMean(to, names, `give somebody the role "${to}" in people.yaml`),
          ),
        );
      else if (site.mail !== null && !reachable(site.people, to))
        found.push(
          finding(
            site,
            'people.yaml',
            'error',
            'E-NO-CONTACT',
            `escalation.${severity} pages "${to}", and nobody behind it has a mail address`,
            'give one of them a mail address',
          ),
        );
    }
  }
  return found;
}

function reachable(people: readonly Person[], to: string): boolean {
  return people.some((person) => person.mail !== null && (to === 'all_hands' || person.name === to || person.roles.includes(to)));
}

/** The site's own runbooks may only call people there are. */
function runbookPeople(known: Known): Finding[] {
  const { site, names, own } = known;
  const found = own.flatMap((runbook) =>
    nobodyIn(runbook, names).map(({ name, where }) =>
      finding(
        site,
        runbook.file,
        'error',
        'E-NOBODY',
        `"${where}" calls "${name}", which is no person and no role`,
        didYouMean(name, names, `give somebody the role "${name}" in people.yaml`),
      ),
    ),
  );
  return [...found, ...libraryPeople(known)];
}

/** Roles that only the library knows: one warning each, since nobody may ever start those runbooks. */
function libraryPeople({ site, library, names, own }: Known): Finding[] {
  const missing = new Map<string, Set<string>>();
  for (const runbook of library.runbooks.filter((each) => !own.includes(each))) {
    for (const { name } of nobodyIn(runbook, names)) missing.set(name, (missing.get(name) ?? new Set()).add(runbook.name));
  }
  return [...missing].map(([name, runbooks]) =>
    finding(
      site,
      'people.yaml',
      'warning',
      'W-NOBODY',
      `nobody has the role "${name}", which the library calls in ${[...runbooks].join(', ')}`,
      'give it to somebody before you use these runbooks',
    ),
  );
}

function nobodyIn({ plan }: Runbook, names: ReadonlySet<string>): ReturnType<typeof peopleCalled> {
  return peopleCalled(plan).filter(({ name }) => !name.includes('${{') && !names.has(name));
}

function runbookNames({ site, library, own }: Known): Finding[] {
  const names = new Set(library.runbooks.map(({ name }) => name));
  const found: Finding[] = [];
  for (const severity of severities) {
    const name = site.fallback[severity];
    if (name !== null && !names.has(name))
      found.push(
        finding(
          site,
          'policies.yaml',
          'error',
          'E-RUNBOOK-UNKNOWN',
          `fallback.${severity} names "${name}", which is no runbook`,
          didYouMean(name, names, 'tocsin runbook list'),
        ),
      );
  }
  for (const source of site.sources) {
    for (const name of source.runbooks.filter((each) => !names.has(each)))
      found.push(
        finding(
          site,
          'site.yaml',
          'error',
          'E-RUNBOOK-UNKNOWN',
          `source "${source.name}" names "${name}", which is no runbook`,
          didYouMean(name, names, 'tocsin runbook list'),
        ),
      );
  }
  for (const { plan, file } of own) {
    for (const name of nested(plan).filter((each) => !names.has(each)))
      found.push(
        finding(
          site,
          file,
          'error',
          'E-RUNBOOK-UNKNOWN',
          `it runs "${name}", which is no runbook`,
          didYouMean(name, names, 'tocsin runbook list'),
        ),
      );
  }
  return found;
}

function nested(plan: Plan): string[] {
  return plan.steps.flatMap(({ call }) =>
    call.kind === 'runbook' && !String(call.args['name']).includes('${{') ? [String(call.args['name'])] : [],
  );
}

function servicesFit({ site }: Known): Finding[] {
  const services = site.services ?? [];
  const names = services.map(({ name }) => name);
  const hosts = site.hosts.map(({ name }) => name);
  return services.flatMap((service) => [
    ...service.depends
      .filter((name) => !names.includes(name))
      .map((name) =>
        finding(
          site,
          'services.yaml',
          'error',
          'E-SERVICE',
          `service "${service.name}" depends on "${name}", which is no service`,
          didYouMean(name, names, 'add it'),
        ),
      ),
    ...service.hosts
      .filter((name) => !hosts.includes(name))
      .map((name) =>
        finding(
          site,
          'services.yaml',
          'error',
          'E-SERVICE',
          `service "${service.name}" runs on "${name}", which is no host`,
          didYouMean(name, hosts, 'add it to hosts.yaml'),
        ),
      ),
  ]);
}

/** Files must be there; an environment variable may be set only where the worker runs, so its absence is not told here. */
function secretsThere({ site }: Known): Finding[] {
  const refs: [string, SecretRef | null | undefined][] = [
    ['operator_token', site.operator_token],
    ['mail.user', site.mail?.user],
    ['mail.password', site.mail?.password],
    ...site.sources.map(({ name, token }): [string, SecretRef] => [`token of source "${name}"`, token]),
  ];
  return refs.flatMap(([what, ref]) =>
    ref?.from === 'file' && !existsSync(ref.key)
      ? [
          finding(
            site,
            'site.yaml',
            'error',
            'E-SECRET',
            `${what} is kept in "${ref.key}", which does not exist`,
            'write the value into that file and make it readable only for you: chmod 600',
          ),
        ]
      : [],
  );
}
