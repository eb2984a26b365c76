import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';

/**
 * A Temporal server that somebody else runs: named by `TEMPORAL_ADDRESS`, or by a profile when one is asked for
 * (`TEMPORAL_PROFILE`, `TEMPORAL_CONFIG_FILE`). A profile file that merely exists does not move an emergency
 * platform to another server. `null` = run the embedded engine.
 */
export function remoteTemporal(env: NodeJS.ProcessEnv): ClientConnectConfig | null {
  if (!env['TEMPORAL_ADDRESS'] && !env['TEMPORAL_PROFILE'] && !env['TEMPORAL_CONFIG_FILE']) return null;
  const profileAsked = Boolean(env['TEMPORAL_PROFILE'] || env['TEMPORAL_CONFIG_FILE']);
  return loadClientConnectConfig({ disableFile: !profileAsked, overrideEnvVars: definedOf(env) });
}

function definedOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
