import { parseChange } from './change-words.ts';
import type { Parsed } from './command.ts';
import { parseLook } from '../looking/parse.ts';
import type { LookWord } from '../looking/view.ts';
import type { Catalogue } from '../routing.ts';
import { aroundOther, asDiagnose, otherKind, quoted, readTarget, unclear } from './target-words.ts';

/** A pasted kubectl line: looking is mapped to the view that shows the same, else to a diagnosis; changing is refused with the way to get it. */

const LOOKING = new Set(['get', 'describe', 'logs', 'top', 'events']);
const CHANGING = new Set([
  'scale',
  'set',
  'patch',
  'edit',
  'apply',
  'delete',
  'drain',
  'cordon',
  'uncordon',
  'exec',
  'annotate',
  'label',
]);
/** Kinds that are only named on the way to what is meant. */
const KINDS =
  /^(pods?|po|deployments?|deploy|events?|ev|nodes?|no|replicasets?|rs|svc|services?|hpa|quotas?|resourcequotas?|limitranges?|cm|configmaps?|secrets?|all)$/;
/** Flags whose value is the next word and says nothing about the target. */
const WITH_VALUE =
  /^(-o|--output|-c|--container|--tail|--since|--sort-by|--field-selector|--replicas|--to-revision|--timeout)$/;

export function kubectl(words: readonly string[], catalogue: Catalogue, text = ''): Parsed {
  const verb =
    words.find((word) => LOOKING.has(word) || CHANGING.has(word) || word === 'rollout') ??
    words.find((word) => /^[a-z]+$/.test(word));
  if (verb === undefined)
    return unclear('Paste the whole `kubectl` line, or write `/mlp diagnose <deployment> <region>`.');
  const at = words.indexOf(verb);
  const given = [...words.slice(0, at), ...words.slice(at + 1)];
  const seen = viewed(verb, given, catalogue, text);
  if (seen !== null) return seen;
  const after = targetOnly(given);
  // Changes take their numbers and flags; kinds that stand alone only lead to the name.
  const raw = given.filter((word) => !/^(deployments?|deploy|nodes?|no|pods?|po)$/.test(word));
  if (verb === 'rollout') {
    const sub = after.find((word) => /^(status|history|undo|restart|pause|resume)$/.test(word)) ?? '';
    const rest = after.filter((word) => word !== sub);
    if (sub === 'restart' || sub === 'undo') {
      const same = raw.filter((word) => word !== sub);
      return parseChange(sub === 'undo' ? 'rollback' : 'restart', same, catalogue);
    }
    return sub === 'status' || sub === 'history'
      ? looked(rest, catalogue)
      : changes(`kubectl rollout ${sub}`.trim(), rest, catalogue);
  }
  if (LOOKING.has(verb)) return looked(after, catalogue);
  if (verb === 'scale' || verb === 'cordon' || verb === 'uncordon') return parseChange(verb, raw, catalogue);
  if (verb === 'set') {
    const sub = raw.find((word) => /^(resources|env|image|selector|serviceaccount|sa|subject)$/.test(word)) ?? '';
    const same = raw.filter((word) => word !== sub && !KINDS.test(word));
    if (sub === 'resources' || sub === 'env') return parseChange('set', same, catalogue);
    return changes(`kubectl set ${sub}`.trim(), after, catalogue);
  }
  return unclear(
    `I run no ${quoted(`kubectl ${verb}`)}. I look with \`/mlp diagnose <deployment> <region>\`, and change only what was proposed and approved.`,
  );
}

/** Kinds whose pods a view shows. */
const SHOWN = /^(pods?|po|deployments?|deploy|deployment\.apps)(\/|$)/i;

/** Null: no view shows this. */
function viewed(verb: string, given: readonly string[], catalogue: Catalogue, text: string): Parsed | null {
  const kind = given.find((word) => !word.startsWith('-'))?.toLowerCase() ?? '';
  const others = given.some((word) => otherKind(word) !== null || otherKind(word.split('/', 1)[0] ?? '') !== null);
  const word = ((): LookWord | null => {
    if (verb === 'events' || (verb === 'get' && /^(events?|ev)$/.test(kind))) return 'events';
    if (verb === 'get' && /^(pods?|po)(\/|$)/.test(kind)) return 'pods';
    if (verb === 'top' || verb === 'logs') return verb;
    if (verb === 'describe' && SHOWN.test(kind)) return 'describe';
    return verb === 'rollout' && given.includes('history') ? 'changes' : null;
  })();
  const view = catalogue.views.find((one) => one.word === word);
  if (view === undefined || others) return null;
  const words = given.filter((one) => !(verb === 'rollout' && one === 'history'));
  const look = parseLook(view, words, { text, from: 'pasted', catalogue });
  return look.is === 'symptom' ? null : look;
}

/** Without kinds, numbers and flags that do not say where. What follows `--` is run elsewhere. */
function targetOnly(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  const out: string[] = [];
  let skip = false;
  let kind: string | null = null;
  for (const given of end === -1 ? words : words.slice(0, end)) {
    // `get job nightly`: here a kind is never a word like any other.
    const word: string = kind === null || given.startsWith('-') ? given : `${kind}/${given}`;
    kind = skip ? kind : (otherKind(given) ?? (word === given ? kind : null));
    if (otherKind(given) !== null && word === given && !skip) continue;
    const where = /^(--context|--namespace|-n|-A|--all-namespaces)(=|$)/.test(word);
    if (!skip && (where || !(word.startsWith('-') || KINDS.test(word) || /^\d+$/.test(word)))) out.push(word);
    skip = WITH_VALUE.test(word);
  }
  return out;
}

function looked(words: readonly string[], catalogue: Catalogue): Parsed {
  const read = readTarget(words, catalogue);
  if (read.is === 'unclear') return read;
  if (read.other !== null) return aroundOther(read.other, read, catalogue);
  const app = read.left
    .map((word) => /^(?:app|app\.kubernetes\.io\/name)=(.+)$/.exec(word)?.[1])
    .find((name) => name !== undefined);
  const name = read.names[0] ?? app ?? read.left[0] ?? '';
  return asDiagnose({ name, namespace: read.namespace, region: read.region, playbook: null }, catalogue);
}

export function changes(what: string, words: readonly string[], catalogue: Catalogue): Parsed {
  const read = readTarget(words, catalogue);
  const name = read.is === 'target' ? (read.other ?? read.names[0] ?? read.left[0] ?? '') : '';
  const target = [name, read.is === 'target' ? (read.region ?? '') : ''].join(' ').trim().slice(0, 150);
  const command = `diagnose ${target}`.trim();
  return unclear(
    `I do not run ${quoted(what)} for anybody. I look first, and offer the change with a preview where it helps: ${quoted(`/mlp ${command}`)}.`,
    target === '' ? [] : [{ label: `/mlp ${command}`, command }],
  );
}
