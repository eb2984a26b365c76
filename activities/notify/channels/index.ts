import type { Channel } from './channel.ts';
import { mail } from './mail.ts';

/** In the order of trial. */
export const channels: readonly Channel[] = [mail];
