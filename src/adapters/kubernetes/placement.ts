import type { Placement } from '../../core/ports/kubernetes.ts';
import { redact } from '../../core/redact.ts';
import type { ApiTemplate } from './objects.ts';
import { selectorText } from './selector.ts';

type Spec = ApiTemplate['spec'];
type Affinity = NonNullable<Spec['affinity']>;
type PodTerm = NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution'][number];
type NodeRule = NonNullable<
  NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>['nodeSelectorTerms'][number]['matchExpressions'][number];

/** What may keep its pods off a node, as canonical texts: the order in which the template has it does not matter. */
export function placementOf(spec: Spec): Placement {
  return {
    tolerations: text(spec.tolerations.map(tolerationText)),
    nodeAffinity: nodeAffinityText(spec.affinity),
    podAffinity: text([
      ...(spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(
        (term) => `beside ${podTermText(term)}`,
      ),
      ...(spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map(
        (term) => `apart from ${podTermText(term)}`,
      ),
    ]),
    spread: text(
      spec.topologySpreadConstraints
        .filter((one) => one.whenUnsatisfiable !== 'ScheduleAnyway')
        .map(
          ({ labelSelector, topologyKey, maxSkew }) =>
            `${labelSelector ? selectorText(labelSelector) : 'nothing'} per ${topologyKey}, skew at most ${maxSkew}`,
        ),
    ),
    hostPorts: text(
      [...spec.containers, ...spec.initContainers].flatMap((one) =>
        one.ports.flatMap(({ hostPort, protocol }) =>
          hostPort === 0 ? [] : [`${hostPort}/${protocol === '' ? 'TCP' : protocol}`],
        ),
      ),
    ),
  };
}

function text(all: readonly string[], between = ', '): string {
  return redact(all.toSorted().join(between));
}

/** Without a key it tolerates everything; without an effect all effects. */
function tolerationText({ key, operator, value, effect }: Spec['tolerations'][number]): string {
  const what = key === '' ? 'anything' : operator === 'Exists' ? key : `${key}=${value}`;
  return effect === '' ? what : `${what}:${effect}`;
}

function nodeAffinityText(affinity: Spec['affinity']): string {
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return text(
    terms.map(({ matchExpressions, matchFields }) =>
      text([...matchExpressions, ...matchFields].map(ruleText), ' and '),
    ),
    ' or ',
  );
}

function ruleText({ key, operator, values }: NodeRule): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.toSorted().join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.toSorted().join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return `${key} ${operator === 'Gt' ? '>' : operator === 'Lt' ? '<' : operator} ${values.join(',')}`;
  }
}

function podTermText({ labelSelector, topologyKey, namespaces, namespaceSelector }: PodTerm): string {
  const pods = labelSelector ? selectorText(labelSelector) : 'nothing';
  const where = [
    namespaces.length === 0 ? '' : ` in ${namespaces.toSorted().join(',')}`,
    namespaceSelector ? ` in namespaces with ${selectorText(namespaceSelector)}` : '',
  ];
  return `${pods}${where.join('')} per ${topologyKey}`;
}
