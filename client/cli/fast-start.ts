import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Must be the first import of the entry. Beside our own build and not in the shared temporary folder, where another user
// could put code for us to run.
enableCompileCache(join(__dirname, '..', '..', '.compile-cache'));
