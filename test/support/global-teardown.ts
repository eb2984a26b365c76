import { stopShared } from './registry.ts';

export default async function globalTeardown(): Promise<void> {
  await stopShared();
}
