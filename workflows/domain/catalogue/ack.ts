/** Words of the page behind an acknowledge link. */
export const en = {
  'ack.title': 'Acknowledge {incident}',
  'ack.button': 'I take it',
  'ack.as': 'You are {person}.',
  'ack.explain': 'Pressing the button stops the escalation and tells everybody that you have it.',
  'ack.opened': 'Opened {time}, {ago} ago.',
  'ack.done': 'You have it since {time}.',
  'ack.already': 'Already acknowledged by {by} at {time}.',
  'ack.stored': 'Your answer is kept and takes effect as soon as the engine answers again. You need not press again.',
  'ack.ended': 'This incident is over: resolved by {by} at {time}.',
  'ack.unknown': 'This link is not known. Open the newest mail of the incident, or run: tocsin incident ack INCIDENT',
  'ack.expired': 'This link ended at {time}. Open the newest mail of the incident, or run: tocsin incident ack {incident}',
  'ack.down': 'The records do not answer. Nothing was changed; press again in a minute, or call level 1 by telephone.',
  'ack.problem': 'That did not work',
} as const;

export const zh: Readonly<Record<keyof typeof en, string>> = {
  'ack.title': '接手 {incident}',
  'ack.button': '我来处理',
  'ack.as': '您是 {person}。',
  'ack.explain': '按下按钮后停止升级，并告知所有人由您处理。',
  'ack.opened': '开启于 {time}，已过 {ago}。',
  'ack.done': '您已于 {time} 接手。',
  'ack.already': '{by} 已于 {time} 接手。',
  'ack.stored': '您的答复已保存，引擎恢复后立即生效，无需再次按下。',
  'ack.ended': '此事件已结束：由 {by} 于 {time} 关闭。',
  'ack.unknown': '此链接无效。请打开该事件最新的邮件，或执行：tocsin incident ack INCIDENT',
  'ack.expired': '此链接已于 {time} 失效。请打开该事件最新的邮件，或执行：tocsin incident ack {incident}',
  'ack.down': '记录库没有应答，没有任何改动。请一分钟后再按，或电话联系一级响应人。',
  'ack.problem': '操作未成功',
};
