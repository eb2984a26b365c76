import type { Host } from '../../workflows/domain/site.ts';

/** JSON is YAML: quoting is never in doubt. */
export function inventoryText(hosts: readonly Host[]): string {
  const rows = hosts.map((host) => {
    const { name, address, port, user, key, host_keys, jump, tags, production, vars } = host;
    return `  ${name}: ${JSON.stringify({ address, port, user, key, host_keys, ...(jump.length > 0 ? { jump } : {}), tags, production, vars })}`;
  });
  return `hosts:\n${rows.join('\n')}\n`;
}
