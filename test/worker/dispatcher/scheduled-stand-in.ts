export { runRunbook } from './stand-in.ts';
export { scheduledRun } from '../../../workflows/scheduled-run.ts';
