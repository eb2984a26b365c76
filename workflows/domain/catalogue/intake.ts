/** Lines the dispatcher writes into an incident's timeline: why it was opened, and what stood in the way. */
export const en = {
  'intake.matched': 'alarm {name} from {source} matches runbook {runbook}',
  'intake.fallback': 'no runbook matches alarm {name} from {source}: {runbook} leads, as the site says for {severity}',
  'intake.unmatched': 'no runbook matches alarm {name} from {source}: people must act',
  'intake.problem': 'runbook {runbook} was not started: {message} ({hint})',
  'intake.guarded': 'runbook {runbook} waits for a person: {reason}',
  'intake.also': 'also matching, not started: {runbooks}',
  'intake.declared': 'declared by hand: {title}',
} as const;

export const zh: Readonly<Record<keyof typeof en, string>> = {
  'intake.matched': '来自 {source} 的告警 {name} 匹配预案 {runbook}',
  'intake.fallback': '来自 {source} 的告警 {name} 没有匹配的预案：按站点对 {severity} 的规定由 {runbook} 处理',
  'intake.unmatched': '来自 {source} 的告警 {name} 没有匹配的预案：需要人工处理',
  'intake.problem': '预案 {runbook} 未启动：{message}（{hint}）',
  'intake.guarded': '预案 {runbook} 等待人工同意：{reason}',
  'intake.also': '同样匹配但未启动：{runbooks}',
  'intake.declared': '手工宣布：{title}',
};
