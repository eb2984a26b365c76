import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// The first import of the worker: code compiled by the process before is used again, so that a restart takes half the time.
enableCompileCache(join(__dirname, '..', '.compile-cache'));
