import { sharedDirectory } from './registry.ts';

/** Starts nothing: the first file that needs a database or an engine does. Only the place where they are noted is made. */
export default function globalSetup(): void {
  sharedDirectory();
}
