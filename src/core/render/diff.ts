import type { Proposal } from '../incident/state.ts';

/** Exactly what is approved, and what the server's dry run says beyond it: a change that both tell stands once. */
export function diffOf({ offer, rehearsal }: Pick<Proposal, 'offer' | 'rehearsal'>): readonly string[] {
  const named = containerNamed(offer.preview);
  const said = offer.preview.map((line) => told(line, named));
  const more = rehearsal.filter((line) => {
    const server = told(line, null);
    return !said.some((plan) => isSame(plan, server));
  });
  return more.length === 0
    ? offer.preview
    : [...offer.preview, '', "what else the server's dry run says it changes:", ...more];
}

/** One line of a diff: "- image of server: a". */
interface Told {
  /** "- image"; a line that is no diff: the whole of it. */
  readonly field: string;
  /** Null: it names none, as the object has only one. */
  readonly container: string | null;
  readonly value: string;
}

/** The head of a preview says which container all its lines are about: "deployment a/b, container server". */
function containerNamed([head = '']: readonly string[]): string | null {
  return /, container (\S+)$/.exec(head)?.[1] ?? null;
}

/** Plan and server call fields differently: "limits memory" and "resources.limits.memory", "max" and "maxReplicas". */
const SAME: readonly (readonly [RegExp, string])[] = [
  [/^resources\./, ''],
  [/^variable /, 'env '],
  [/^(min|max)Replica(?:s|Count)$/, '$1'],
  // In the pod template, as the head of that preview says; any other annotation may be the deployment's own.
  [/^pod annotation (?=kubectl\.kubernetes\.io\/restartedAt$)/, 'annotation '],
];

function told(line: string, named: string | null): Told {
  const parts = /^([-+]) (.+?)(?: of ([^:]+))?: (.*)$/.exec(line);
  if (parts === null) return { field: line.trim(), container: null, value: '' };
  const [, sign = '', field = '', container, value = ''] = parts;
  // Names of annotations and labels keep their dots.
  const is = SAME.reduce((name, [from, to]) => name.replace(from, to), field);
  const plain = /^(?:annotation|pod annotation|label|pod label) /.test(is) ? is : is.replaceAll(/[./]/g, ' ');
  return { field: `${sign} ${plain}`, container: container ?? named, value };
}

const HIDDEN = /^\((?:another )?value not shown\)$/;

/** The server's line shows less than the plan's where it hides a value that the plan may show, and tells each field of a container that comes or goes. */
function isSame(plan: Told, server: Told): boolean {
  const whole = /^([-+]) (?:init )?container$/.exec(plan.field);
  if (whole !== null && server.container !== null)
    return plan.value.startsWith(`${server.container} (`) && server.field.startsWith(`${whole[1]} `);
  const sameContainer = plan.container === null || server.container === null || plan.container === server.container;
  return plan.field === server.field && sameContainer && (plan.value === server.value || HIDDEN.test(server.value));
}
