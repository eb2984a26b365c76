import type { OptionSpec } from './spec.ts';

/** Options every command understands, before or after its name. */
export const globalOptions: readonly OptionSpec[] = [
  {
    flags: '--site <folder>',
    words: {
      en: 'folder of the site (else TOCSIN_SITE, else upward from here)',
      zh: '站点目录（否则用 TOCSIN_SITE，再否则从当前目录向上查找）',
    },
  },
  {
    flags: '--json',
    words: { en: 'one JSON document; lines of JSON for watch and logs', zh: '输出一个 JSON 文档；watch 与日志为逐行 JSON' },
  },
  { flags: '-q, --quiet', words: { en: 'ids only', zh: '只输出编号' } },
  { flags: '--lang <language>', words: { en: 'en or zh', zh: 'en 或 zh' }, choices: ['en', 'zh'] },
  { flags: '-y, --yes', words: { en: 'agree to a change without being asked', zh: '无需询问即同意变更' } },
  { flags: '--confirm <name>', words: { en: 'agree to a destructive act on this target', zh: '同意对该目标执行破坏性操作' } },
  { flags: '--no-input', words: { en: 'never ask', zh: '从不询问' } },
  { flags: '--timeout <duration>', words: { en: 'how long to wait: 90s, 10m, 2h', zh: '最长等待时间：90s、10m、2h' } },
  {
    flags: '--as <person>',
    words: { en: 'who acts (else TOCSIN_AS, else your login name)', zh: '操作人（否则用 TOCSIN_AS，再否则用登录名）' },
  },
];
