import { complain } from '../../../activities/platform/yaml/report.ts';
import type { Rule } from './rule.ts';

/** A change before the pivot says how it is undone, and undo is used somewhere. */
export const waysBack: Rule = ({ report, plan, source, graph }) => {
  plan.steps.forEach(({ id, risk, pivot, call }, index) => {
    const final = pivot || [...graph.before(id)].some((each) => graph.byId.get(each)!.pivot);
    // What a person did by hand a person undoes by hand.
    if (risk === 'read' || call.kind === 'manual' || final || source.steps[index]!['undo'] !== undefined) return;
    complain(report, 'warning', ['steps', index], {
      code: 'W-NO-UNDO',
      message: `step "${id}" changes something and says no way back`,
      hint: 'give it an undo, or undo: none if there is none',
    });
  });
  const first = plan.steps.findIndex(({ undo }) => undo !== null);
  const used = [...plan.on_failure, ...plan.finally].some((reaction) => reaction.do === 'undo');
  if (first !== -1 && !used) {
    complain(report, 'warning', ['steps', first, 'undo'], {
      code: 'W-UNDO-UNUSED',
      message: 'steps have an undo, and nothing ever undoes them',
      hint: 'add on_failure: [{ undo: all }]',
    });
  }
};
