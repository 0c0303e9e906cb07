import type { Answer, Found, Outcome } from '../../src/core/contract.ts';
import { clock, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { events } from '../readings/events.ts';
import type { EventGroup } from '../readings/events.ts';
import { onDeployment } from '../readings/on.ts';
import { pods, samples } from '../readings/pods.ts';
import type { Pods, Sample } from '../readings/pods.ts';
import { pullTroubleIn, registryOf, shortImage, tagOf } from '../readings/pull.ts';
import type { PullTrouble } from '../readings/pull.ts';
import { lastPullFailure, pullText, repulledOf } from '../readings/repulled.ts';
import type { Pull } from '../readings/repulled.ts';
import { affected } from '../readings/trouble.ts';
import type { Affected, Trouble } from '../readings/trouble.ts';
import { brief, podsOf } from '../readings/wording.ts';
import { kubectl } from '../targets/deployment.ts';
import type { DeploymentTarget } from '../targets/deployment.ts';

const { check } = onDeployment;
interface Case {
  readonly a: Affected<Pull>;
  readonly text: string;
  readonly image: string;
  readonly who: string;
  readonly registry: string;
  /** When it was tried last; null when the events do not tell. */
  readonly triedAt: string | null;
}

function pullCheck<const I extends string>(
  id: I,
  c: {
    readonly kind: PullTrouble;
    readonly ask: string;
    readonly rulesOut: string;
    readonly found: (seen: Case) => { readonly found: Words; readonly short: string; readonly notKnown?: Words };
  },
) {
  return check(id, {
    severity: 'critical',
    ask: c.ask,
    rulesOut: c.rulesOut,
    needs: [pods, samples],
    also: [events],
    find: (seen, also, { t }) => {
      const is = (trouble: Trouble): trouble is Pull => trouble.is === 'pull';
      const told = (trouble: Trouble): trouble is Pull =>
        is(trouble) && pullTroubleIn(pullText(trouble, toldBy(also.events))) === c.kind;
      const a = affected(seen.pods, seen.samples, told);
      if (a === null) return untold(seen, also.events);
      // Somebody pushed it: what is left is to wait, and another check says so.
      if (repulledOf(seen, toldBy(also.events)) !== null) return 'clear';
      const text = pullText(a.trouble, toldBy(also.events));
      const { image } = a.trouble;
      const said = c.found({
        a,
        text,
        image,
        who: podsOf(a, seen.pods),
        registry: registryOf(image),
        triedAt: lastPullFailure(toldBy(also.events), image),
      });
      return { ...evidence(a, text, t), ...said };
    },
  });
}

function toldBy(seen: Outcome<readonly EventGroup[]>): readonly EventGroup[] | null {
  return seen.known ? seen.value : null;
}

/** Not this cause; but when no words of the runtime are left, no cause can be ruled out. */
function untold(
  seen: { readonly pods: Pods; readonly samples: readonly Sample[] },
  told: Outcome<readonly EventGroup[]>,
): Answer {
  const silent = affected(
    seen.pods,
    seen.samples,
    (trouble): trouble is Pull => trouble.is === 'pull' && pullTroubleIn(pullText(trouble, toldBy(told))) === null,
  );
  if (silent === null) return 'clear';
  return { unsure: told.known ? 'the events that say why are gone (they live about an hour)' : `events: ${told.why}` };
}

function evidence(a: Affected<Pull>, text: string, t: DeploymentTarget): Pick<Found, 'since' | 'quotes' | 'byHand'> {
  return {
    since: a.oldestAt,
    quotes: [brief(text.replace(/^.*?ErrImagePull: /, ''), 240)],
    byHand: `${kubectl(t)} describe pod ${a.pod.name}`,
  };
}

export const imageArchitecture = pullCheck('image-architecture', {
  kind: 'architecture',
  ask: "Is the image built for the nodes' processors?",
  rulesOut: 'wrong architecture',
  found: ({ image, who }) => ({
    found: say`the image ${{ is: 'code', text: shortImage(image) }} has no build for the processor of the nodes. ${who} cannot pull it`,
    short: `image ${tagOf(image)} has no build for these nodes`,
  }),
});

export const imageMissing = pullCheck('image-missing', {
  kind: 'missing',
  ask: 'Does the image exist in the registry?',
  rulesOut: 'image missing',
  found: ({ image, who, registry, triedAt }) => ({
    found: say`the registry ${registry} has no image ${{ is: 'code', text: shortImage(image) }}. ${who} cannot pull it`,
    short: `image ${tagOf(image)} not found`,
    notKnown: say`why the tag is missing here${triedAt === null ? '' : say`, or whether it was pushed after the last try at ${clock(triedAt)}`}. I cannot read the registry`,
  }),
});

export const imageForbidden = pullCheck('image-not-authorised', {
  kind: 'not authorised',
  ask: 'May the nodes pull the image?',
  rulesOut: 'no permission to pull',
  found: ({ image, who, registry, text }) => ({
    found: say`the registry ${registry} refuses to hand out ${{ is: 'code', text: shortImage(image) }}: ${
      /expired/i.test(text)
        ? 'the token has expired'
        : /no basic auth/i.test(text)
          ? 'no credentials were sent'
          : 'not authorised'
    }. ${who} cannot pull it`,
    short: `pull of image ${tagOf(image)} not authorised`,
  }),
});

export const imageEither = pullCheck('image-missing-or-not-authorised', {
  kind: 'either',
  ask: 'Does the registry say whether the image is missing or forbidden?',
  rulesOut: 'no permission to pull',
  found: ({ image, who, registry }) => ({
    found: say`${registry} hands out no image ${{ is: 'code', text: shortImage(image) }}: it does not exist, or pulling it is not allowed. ${who} cannot pull it`,
    short: `image ${tagOf(image)} missing or not authorised`,
    notKnown: say`which of the two: this registry does not tell them apart`,
    keepsOpen: ['image missing'],
  }),
});

export const imageLimit = pullCheck('image-pull-limit', {
  kind: 'limit',
  ask: 'Does the registry limit the pulls?',
  rulesOut: 'registry trouble',
  found: ({ image, who, registry }) => ({
    found: say`${registry} answers 429, too many pulls, for ${{ is: 'code', text: shortImage(image) }}. ${who} wait for it`,
    short: `registry's pull limit reached`,
  }),
});

export const imageUnreachable = pullCheck('registry-unreachable', {
  kind: 'unreachable',
  ask: 'Do the nodes reach the registry?',
  rulesOut: 'registry trouble',
  found: ({ who, registry, text }) => ({
    found: say`the nodes cannot reach the registry ${registry}: ${
      /no such host|server misbehaving/.test(text)
        ? 'its name does not resolve'
        : /refused/.test(text)
          ? 'connection refused'
          : 'no answer in time'
    }. ${who} cannot pull`,
    short: `registry ${registry} unreachable`,
  }),
});

export const imageCertificate = pullCheck('registry-certificate', {
  kind: 'certificate',
  ask: "Do the nodes trust the registry's certificate?",
  rulesOut: 'registry trouble',
  found: ({ who, registry, text }) => ({
    found: say`the nodes do not trust the certificate of ${registry}${/expired/.test(text) ? ': it has expired' : ''}. ${who} cannot pull`,
    short: `certificate of registry ${registry} not trusted`,
  }),
});

export const nodeDiskFull = pullCheck('node-disk-full', {
  kind: 'disk full',
  ask: 'Do the nodes have room for the image?',
  rulesOut: 'node trouble',
  found: ({ a, image, who }) => ({
    found: say`no space left on the node for ${{ is: 'code', text: shortImage(image) }} (node ${a.pod.node}). ${who} cannot pull it`,
    short: 'node disk full',
  }),
});

export const imageName = pullCheck('image-name', {
  kind: 'bad name',
  ask: 'Is the image name possible?',
  rulesOut: 'image missing',
  found: ({ image, who }) => ({
    found: say`${{ is: 'code', text: image }} is not a possible image name. ${who} cannot start`,
    short: 'impossible image name',
  }),
});

export const imageNever = pullCheck('image-never-pulled', {
  kind: 'never',
  ask: 'May the image be pulled at all (imagePullPolicy)?',
  rulesOut: 'image missing',
  found: ({ image, who }) => ({
    found: say`imagePullPolicy is Never and ${{ is: 'code', text: shortImage(image) }} is not on the node. ${who} cannot start`,
    short: 'image not on the node and never pulled',
  }),
});

export const registryError = pullCheck('registry-error', {
  kind: 'server error',
  ask: 'Does the registry answer without an error of its own?',
  rulesOut: 'registry trouble',
  found: ({ image, who, registry }) => ({
    found: say`${registry} answers with a server error for ${{ is: 'code', text: shortImage(image) }}. ${who} cannot pull it`,
    short: `registry ${registry} answers with errors`,
  }),
});

/** The consequence without its cause: only when nobody's words are left. */
export const imageUntold = check('image-pull-untold', {
  severity: 'critical',
  ask: 'Can all pods pull their image?',
  rulesOut: 'registry trouble',
  needs: [pods, samples],
  also: [events],
  find: (seen, also, { t }) => {
    const silent = affected(
      seen.pods,
      seen.samples,
      (trouble): trouble is Pull =>
        trouble.is === 'pull' && pullTroubleIn(pullText(trouble, toldBy(also.events))) === null,
    );
    if (silent === null) return 'clear';
    const { image } = silent.trouble;
    return {
      ...evidence(silent, pullText(silent.trouble, toldBy(also.events)), t),
      found: say`${podsOf(silent, seen.pods)} cannot pull ${{ is: 'code', text: shortImage(image) }}`,
      short: `image ${tagOf(image)} cannot be pulled`,
      notKnown: say`why: ${also.events.known ? 'what the registry said is no longer in the events' : `I could not read the events (${also.events.why})`}`,
    };
  },
});

export const imageChecks = [
  imageName,
  imageArchitecture,
  imageMissing,
  imageForbidden,
  imageEither,
  imageLimit,
  imageUnreachable,
  imageCertificate,
  nodeDiskFull,
  imageNever,
  registryError,
  imageUntold,
] as const;
