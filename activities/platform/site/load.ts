import path from 'node:path';
import type { Finding } from '../../../workflows/domain/finding.ts';
import type { Person, SecretRef, Service, Site, SiteTier } from '../../../workflows/domain/site.ts';
import { severities, type Severity } from '../../../workflows/domain/words.ts';
import { readShaped, resolvePath } from './files.ts';
import { loadHosts } from './hosts.ts';
import { peopleShape, policiesShape, servicesShape, siteShape, type SiteFile } from './shapes.ts';

export interface LoadedSite {
  /** `null` when any file has an error. */
  readonly site: Site | null;
  readonly problems: readonly Finding[];
  /** Files read, to be watched for change. */
  readonly files: readonly string[];
}

/** The runbooks that come with the product. They are not compiled, so the built code in `dist/` reads them from beside it. */
const root = path.resolve(__dirname, '..', '..', '..');
const libraryFolder = path.join(path.basename(root) === 'dist' ? path.dirname(root) : root, 'runbooks');

/** By custom of the field; a site's `policies.yaml` replaces them line by line. */
const escalation: Readonly<Record<Severity, readonly SiteTier[]>> = {
  fatal: [{ after_ms: 600_000, to: ['level_1', 'all_hands'], then: null }],
  severe: [{ after_ms: 900_000, to: ['level_2'], then: null }],
  general: [{ after_ms: 1_800_000, to: ['on_duty'], then: 'report' }],
};

/** Reads `site.yaml`, `hosts.yaml`, `people.yaml`, `policies.yaml`, `services.yaml`; all but the first may be absent. */
export async function loadSite(folder: string): Promise<LoadedSite> {
  const root = path.resolve(folder);
  const at = (file: string) => path.join(root, file);
  const [site, people, policies, services, inventory] = await Promise.all([
    readShaped(at('site.yaml'), siteShape, { required: true }),
    readShaped(at('people.yaml'), peopleShape),
    readShaped(at('policies.yaml'), policiesShape),
    readShaped(at('services.yaml'), servicesShape),
    loadHosts(root),
  ]);
  const problems = [site, people, policies, services].flatMap(({ report }) => report.findings).concat(inventory.problems);
  const files = [...new Set([at('site.yaml'), at('people.yaml'), at('policies.yaml'), at('services.yaml'), ...inventory.files])];
  const broken = problems.some(({ level }) => level === 'error');
  if (broken || site.value === null || people.value === null || policies.value === null || services.value === null)
    return { site: null, problems, files };
  const { language } = site.value;
  return {
    site: {
      ...siteOf(site.value, root),
      hosts: inventory.hosts,
      people: Object.entries(people.value.people).map(([name, person]): Person => ({
        name,
        title: person.title ?? name,
        mail: person.mail ?? null,
        phone: person.phone ?? null,
        language: person.language ?? language,
        roles: person.roles,
      })),
      fallback: bySeverity((severity) => policies.value!.fallback[severity] ?? null),
      escalation: bySeverity(
        (severity) =>
          policies.value!.escalation[severity]?.map((tier) => ({ after_ms: tier.after, to: tier.to, then: tier.then ?? null })) ??
          escalation[severity],
      ),
      services: Object.entries(services.value.services).map(([name, service]): Service => ({
        name,
        title: service.title ?? name,
        tier: service.tier,
        owner: service.owner ?? null,
        depends: service.depends,
        hosts: service.hosts,
        objectives: { rto_ms: service.objectives.rto ?? null, rpo_ms: service.objectives.rpo ?? null },
      })),
    },
    problems,
    files,
  };
}

type SiteOnly = Omit<Site, 'hosts' | 'people' | 'fallback'>;

function siteOf(file: SiteFile, folder: string): SiteOnly {
  const reference = (ref: SecretRef): SecretRef => (ref.from === 'file' ? { from: 'file', key: resolvePath(folder, ref.key) } : ref);
  const { mail } = file;
  return {
    folder,
    name: file.name,
    timezone: file.timezone,
    language: file.language,
    url: (file.url ?? `http://${file.listen.host}:${file.listen.port}`).replace(/\/+$/, ''),
    data: resolvePath(folder, file.data),
    listen: file.listen,
    engine: file.engine,
    records: file.records,
    operator_token: reference(file.operator_token),
    mail:
      mail === undefined
        ? null
        : {
            host: mail.host,
            port: mail.port,
            secure: mail.secure,
            from: mail.from,
            user: mail.user === undefined ? null : reference(mail.user),
            password: mail.password === undefined ? null : reference(mail.password),
          },
    sources: file.sources.map((source) => ({ ...source, token: reference(source.token) })),
    runbooks: [...new Set([...file.runbooks.map((written) => resolvePath(folder, written)), libraryFolder])],
  };
}

function bySeverity<T>(value: (severity: Severity) => T): Record<Severity, T> {
  return Object.fromEntries(severities.map((severity) => [severity, value(severity)])) as Record<Severity, T>;
}
