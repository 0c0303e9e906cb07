import type { Found } from '../../src/core/contract.ts';
import { clock, code, say } from '../../src/core/words.ts';
import type { Words } from '../../src/core/words.ts';
import { errorLines } from '../readings/error-lines.ts';
import { nodeName } from '../readings/wording.ts';
import { percent } from './harm.ts';
import { causeCheck, counts, gibText } from './asking.ts';
import type { Evidence } from './evidence.ts';
import { batchOf } from './settings.ts';
import { gpusText, whoStandsOut } from './spot.ts';
import type { Story } from './story.ts';

/** Requests that fail on the GPU. */

/** ". Of the requests of the 6 pods on node `gpu-1` 64 % fail, 0.1 % elsewhere". */
function oddNode({ odd }: Story, seen: Evidence): Words {
  if (odd === null) return say``;
  return say`. Of the requests of ${whoStandsOut(odd, seen)} ${percent(odd.ratio)} fail, ${percent(odd.others)} elsewhere`;
}

/** NVIDIA, "XID Errors": what the commonest numbers mean. */
const xids: Readonly<Record<number, string>> = {
  48: 'double-bit memory error',
  62: 'the GPU is held up inside',
  63: 'a memory page was retired',
  64: 'a memory page could not be retired',
  74: 'NVLink error',
  79: 'the GPU has fallen off the bus',
  94: 'memory error, contained',
  95: 'memory error, not contained',
  119: 'the GPU does not answer the driver',
};

export const gpuBroken = causeCheck('gpu-broken', {
  ask: 'Do the GPUs work?',
  rulesOut: 'broken GPU or driver',
  needs: [errorLines],
  found: (story, seen): Found => {
    const { xid, odd } = story;
    const what =
      xid === null
        ? say`a GPU does not work: what runs on it says so`
        : say`a GPU is broken: the driver reports XID ${xid.number}${xids[xid.number] === undefined ? '' : ` (${xids[xid.number]})`} of ${gpusText(xid.gpus)}`;
    return {
      found: say`${what}${oddNode(story, seen)}. ${counts(story)}`,
      short:
        odd === null
          ? 'a GPU does not work'
          : `GPU broken on ${nodeName(odd.nodeName)}${xid === null ? '' : `, XID ${xid.number}`}`,
      ...(xid === null && odd === null
        ? { notKnown: say`which GPU: I saw no XID error, and no node stands out by its errors` }
        : {}),
    };
  },
});

export const gpuLost = causeCheck('gpu-lost', {
  ask: 'Do the containers still have their GPUs?',
  rulesOut: 'broken GPU or driver',
  needs: [errorLines],
  found: (story): Found => ({
    found: say`running containers have lost their GPUs: NVML does not answer, and no node stands out. A reload of systemd on the nodes does that; containers that are made anew get them back. ${counts(story)}`,
    short: 'containers lost their GPUs (NVML)',
    notKnown: say`what took them away: I cannot look at the nodes`,
  }),
});

export const driverMismatch = causeCheck('driver-mismatch', {
  ask: 'Do the GPU driver and the program fit together?',
  rulesOut: 'broken GPU or driver',
  needs: [errorLines],
  found: (story, seen): Found => ({
    found: say`the nodes' GPU driver and the program's CUDA do not fit together${oddNode(story, seen)}. ${counts(story)}`,
    short: 'GPU driver does not fit',
  }),
});

/** The message's own numbers, as far as it has them. */
function numbers({ cuda }: Story): string {
  if (cuda === null) return '';
  const parts = [
    `asked for ${gibText(cuda.tried)}`,
    cuda.free === null ? '' : `${gibText(cuda.free)} free`,
    cuda.total === null ? '' : `of ${gibText(cuda.total)}`,
  ];
  return parts
    .filter((one) => one !== '')
    .join(', ')
    .replace(', of', ' of');
}

export const neighbour = causeCheck('cuda-oom-neighbour', {
  ask: "Is the GPU's memory its own?",
  rulesOut: 'GPU memory full',
  needs: [errorLines],
  found: (story, seen): Found => ({
    found: say`CUDA out of memory because of a neighbour: another process${story.cuda?.pid === null ? '' : ` (${story.cuda?.pid})`} holds ${gibText(story.cuda?.others ?? 0)} of the same GPU; ${numbers(story)}${oddNode(story, seen)}. ${counts(story)}`,
    short: `GPU memory taken by another process${story.odd?.node === true ? ` on ${nodeName(story.odd.nodeName)}` : ''}`,
    notKnown: say`whose process that is: it belongs to none of these pods' containers`,
  }),
});

export const fragmentation = causeCheck('cuda-oom-fragmentation', {
  ask: "Is the allocator's GPU memory in one piece?",
  rulesOut: 'GPU memory full',
  needs: [errorLines],
  found: (story): Found => ({
    found: say`CUDA out of memory by fragmentation: ${gibText(story.cuda?.unallocated ?? 0)} are reserved and not in use, in pieces too small for what is wanted; ${numbers(story)}. A fresh process begins without pieces, and gets there again. ${counts(story)}`,
    short: 'GPU memory fragmented',
  }),
});

function batchText(seen: Evidence): Words {
  const batch = batchOf(seen);
  if (batch?.now === null || batch === null) return say``;
  if (!batch.grew) return say`. ${code(batch.name)} is ${batch.now}`;
  return say`. ${code(batch.name)} went from ${batch.before} to ${batch.now}${batch.changedAt === null ? '' : say` at ${clock(batch.changedAt)}`}`;
}

export const batch = causeCheck('cuda-oom-batch', {
  ask: 'Do the batches fit into the GPU?',
  rulesOut: 'GPU memory full',
  needs: [errorLines],
  found: (story, seen): Found => {
    const grew = batchOf(seen)?.grew === true;
    return {
      found: say`CUDA out of memory: ${grew ? 'the batches do not fit any more' : 'what is computed at once does not fit'}${story.cuda === null ? '' : `; ${numbers(story)}, little of it in pieces or taken by others`}${batchText(seen)}. ${counts(story)}`,
      short: grew ? 'GPU memory full, larger batches' : 'GPU memory full',
      ...(grew
        ? {}
        : {
            notKnown: say`whether batches or inputs grew: ${seen['input size'].known ? 'the mean input did not' : `the size of inputs could not be read (${seen['input size'].why})`}${story.cuda === null ? '; the message tells no sizes, so fragmentation and neighbours are not ruled out' : ''}`,
          }),
    };
  },
});

export const sequence = causeCheck('cuda-oom-sequence', {
  ask: 'Do the inputs fit into the GPU?',
  rulesOut: 'GPU memory full',
  needs: [errorLines],
  found: (story, seen): Found => ({
    found: say`CUDA out of memory: inputs are ${Math.round((story.inputs?.times ?? 1) * 10) / 10} times as long as they were${story.inputs === null ? '' : say` until ${clock(story.inputs.at)}`}; ${numbers(story)}${batchText(seen)}. ${counts(story)}`,
    short: 'GPU memory full, longer inputs',
    notKnown: say`which callers send them`,
  }),
});

export const sharedMemory = causeCheck('shared-memory', {
  ask: 'Is there enough shared memory (/dev/shm)?',
  rulesOut: 'shared memory',
  needs: [errorLines],
  found: (story): Found => ({
    found: say`workers fail on shared memory: a container has 64 MiB of ${'/dev/shm'} unless its template mounts more. ${counts(story)}`,
    short: 'shared memory too small',
  }),
});
