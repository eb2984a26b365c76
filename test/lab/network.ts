import { networkInterfaces } from 'node:os';
import { must, run } from './run.ts';

export interface Address {
  /** Where sshd listens; an isolated host keeps this. */
  readonly management: string;
  /** Where its services listen. */
  readonly service: string;
}

export interface Network {
  readonly namespace: (host: string) => string;
  readonly address: (host: string) => Address;
  readonly remove: () => Promise<void>;
}

/**
 * Two switches in a namespace of their own, `management` and `service`; each host has a port on both, and so has this machine
 * (10.x.0.1 and 10.x.1.1). Nothing else of this machine's network is touched.
 */
export async function createNetwork(id: string, hosts: readonly string[]): Promise<Network> {
  const net = freeNet();
  const hub = `toc-${id}-hub`;
  const namespace = (host: string): string => `toc-${id}-${host}`;
  const address = (host: string): Address => ({
    management: `10.${net}.0.${10 + hosts.indexOf(host)}`,
    service: `10.${net}.1.${10 + hosts.indexOf(host)}`,
  });
  await must(
    ['ip', '-batch', '-'],
    lines([
      ...[hub, ...hosts.map(namespace)].map((name) => `netns add ${name}`),
      ...['m', 's'].map((kind) => `link add to${kind}${id} type veth peer name up${kind} netns ${hub}`),
      ...hosts.flatMap((host, at) => [
        `link add name m${at} netns ${hub} type veth peer name management netns ${namespace(host)}`,
        `link add name s${at} netns ${hub} type veth peer name service netns ${namespace(host)}`,
      ]),
      `addr add 10.${net}.0.1/24 dev tom${id}`,
      `addr add 10.${net}.1.1/24 dev tos${id}`,
      `link set tom${id} up`,
      `link set tos${id} up`,
    ]),
  );
  await Promise.all([
    must(
      ['ip', '-n', hub, '-batch', '-'],
      lines(
        ['m', 's'].flatMap((kind) => [
          `link add br${kind} type bridge`,
          `link set br${kind} up`,
          ...[`up${kind}`, ...hosts.map((_, at) => `${kind}${at}`)].map((port) => `link set ${port} master br${kind} up`),
        ]),
      ),
    ),
    ...hosts.map((host) =>
      must(
        ['ip', '-n', namespace(host), '-batch', '-'],
        lines([
          'link set lo up',
          `addr add ${address(host).management}/24 dev management`,
          `addr add ${address(host).service}/24 dev service`,
          'link set management up',
          'link set service up',
        ]),
      ),
    ),
  ]);
  return { namespace, address, remove: () => removeNetwork(id) };
}

export async function removeNetwork(id: string): Promise<void> {
  const listed = await run(['ip', 'netns', 'list']);
  const names = listed.stdout
    .split('\n')
    .map((line) => line.split(' ')[0]!)
    .filter((name) => name.startsWith(`toc-${id}-`));
  await run(
    ['ip', '-force', '-batch', '-'],
    lines([`link del tom${id}`, `link del tos${id}`, ...names.map((name) => `netns del ${name}`)]),
  );
}

function lines(list: readonly string[]): string {
  return `${list.join('\n')}\n`;
}

function freeNet(): number {
  const taken = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address));
  const start = Math.floor(Math.random() * 50);
  for (let step = 0; step < 50; step += 1) {
    const net = 150 + ((start + step) % 50);
    if (!taken.some((address) => address.startsWith(`10.${net}.`))) return net;
  }
  throw new Error('Find a free 10.x network for the lab: all of 10.150 to 10.199 are taken');
}
