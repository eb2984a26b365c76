import type { CommandSpec } from '../spec.ts';

export const watch: CommandSpec = {
  name: 'watch',
  words: {
    en: 'follow a run or an incident: plan, next event, countdown, log. Ctrl-C lets go',
    zh: '跟踪运行或事件：预案、下一步、倒计时、日志。Ctrl-C 只是离开',
  },
  args: [{ name: '<subject>', words: { en: 'run-12, inc-7.1 or inc-7', zh: 'run-12、inc-7.1 或 inc-7' } }],
  examples: ['tocsin watch run-12', 'tocsin watch inc-7 --json --timeout 10m'],
  act: async (cli, given) => {
    const subject = given.arg(0);
    const api = await cli.api();
    if (/^inc-\d+$/.test(subject)) return (await import('../watch/incident.ts')).followIncident(cli, api, { incident: subject });
    return (await import('../watch/follow.ts')).follow(cli, api, { run: subject, untilPerson: false });
  },
};
