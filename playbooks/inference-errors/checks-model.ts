import type { Found } from '../../src/core/contract.ts';
import { clock, code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { errorLines } from '../readings/error-lines.ts';
import { listed } from '../readings/wording.ts';
import { causeCheck, counts } from './asking.ts';
import type { Evidence } from './evidence.ts';
import { modelOf, otherModelLoaded } from './settings.ts';
import type { Story } from './story.ts';

/** Requests that fail because of the model: its file, its version, its loading, its outputs. */

/** ". `MODEL_VERSION` is v0.9.0 since 02:16, was v1.0.0". */
function versionText(seen: Evidence): Words {
  const model = modelOf(seen);
  if (model?.now === null || model === null) return say``;
  const changed = model.before !== null && model.before !== model.now;
  const was = changed ? `, was ${model.before}` : '';
  return say`. ${code(model.name)} is ${model.now}${changed && model.changedAt !== null ? say` since ${clock(model.changedAt)}` : ''}${was}`;
}

function loadedText(seen: Evidence): string {
  const loaded = modelOf(seen)?.loaded ?? [];
  return loaded.length === 0 ? '' : `. The youngest pods say that they loaded ${listed(loaded)}`;
}

export const modelMissing = causeCheck('model-missing', {
  ask: "Are the model's files there?",
  rulesOut: 'model not loaded',
  needs: [errorLines],
  found: (story, seen): Found => {
    const file = /['"]?(\S*\/([\w.-]+\.(?:safetensors|pth?|onnx|bin|gguf|pb)))/.exec(story.told?.newest.text ?? '');
    return {
      found: say`the model's file is not there${file === null ? '' : say`: ${code(file[1] ?? '')}`}${versionText(seen)}. ${counts(story)}`,
      short: `model file not found${file === null ? '' : `: ${file[2]}`}`,
      notKnown: say`whether the bucket of this region has it: I cannot look there`,
    };
  },
});

export const versionMismatch = causeCheck('version-mismatch', {
  ask: "Do the model's version and the code fit together?",
  rulesOut: 'model version',
  needs: [errorLines],
  found: (story, seen): Found => {
    const other = otherModelLoaded(seen);
    const model = modelOf(seen);
    const what =
      other === null
        ? say`the model's version does not fit what is asked of it`
        : say`the pods serve another model than is set: they loaded ${other}`;
    return {
      found: say`${what}${versionText(seen)}${other === null ? loadedText(seen) : ''}. ${counts(story)}`,
      ...(other === null ? {} : { notKnown: say`whether that is why requests fail: the error lines do not name it` }),
      short: `model version mismatch${model?.now === null || model === null ? '' : `, ${model.name}=${model.now}`}`,
    };
  },
});

/** What kept it from loading, by the words of the loaders. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/size mismatch|(missing|unexpected) key|loading state_dict/i, "its weights do not fit the code's architecture"],
  [/AccessDenied|\b403\b|Forbidden|not authorized/i, 'access to it is denied: a role or a key'],
  [
    /central directory|invalid load key|HeaderTooLarge|PytorchStreamReader|checksum|truncated|unexpected EOF/i,
    'its file is damaged or only half there',
  ],
  [/timed? ?out|unreachable|connection|resolve|\b50[234]\b/i, 'where it comes from does not answer'],
];

const reasonOf = ({ told }: Story): string | null =>
  reasons.find(([words]) => words.test(told?.newest.text ?? ''))?.[1] ?? null;

export const loadFailing = causeCheck('model-load-failing', {
  ask: 'Does the model load?',
  rulesOut: 'model not loaded',
  needs: [errorLines],
  found: (story, seen): Found => {
    const why = reasonOf(story);
    return {
      found: say`the model does not load${why === null ? '' : `: ${why}`}${versionText(seen)}. ${counts(story)}`,
      short: 'model fails to load',
    };
  },
});

export const loadSlow = causeCheck('model-load-slow', {
  ask: 'Is the model loaded before a pod says it is ready?',
  rulesOut: 'model not loaded',
  needs: [errorLines],
  found: (story, seen): Found => {
    const took = /model_load=(\d+(?:\.\d+)?)s/.exec(story.told?.newest.text ?? '')?.[1];
    const rows = seen['pod rows'].known ? seen['pod rows'].value.rows : [];
    const oldest = rows.filter((one) => story.told?.newest.pods.includes(one.name)).map((one) => one.createdAt);
    const youngest = oldest.toSorted().at(-1);
    return {
      found: say`pods are ready before their model is: they answer errors while it loads${took === undefined ? '' : `, ${Math.round(Number(took))} s so far`}${youngest === undefined ? '' : say`; they were made at ${clock(youngest)}`}. ${counts(story)}`,
      short: 'model still loading in ready pods',
      notKnown: say`when it will be done. Each new pod begins anew: a restart makes it longer, and going back helps only if that version loads faster`,
      refuse: { remedies: ['restart'], because: say`the model would begin to load again in every pod` },
    };
  },
});

export const badOutputs = causeCheck('bad-outputs', {
  ask: "Are the model's outputs numbers?",
  rulesOut: 'NaN outputs',
  needs: [errorLines],
  found: (story, seen): Found => ({
    found: say`the model gives outputs that are not numbers (NaN)${versionText(seen)}. ${counts(story)}`,
    short: 'model outputs NaN',
    notKnown: say`whether answers that are numbers are right: I do not look at answers`,
  }),
});
