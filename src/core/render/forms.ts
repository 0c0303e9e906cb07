import type { Press } from '../message.ts';
import type { Modal } from '../ports/intake.ts';
import type { Catalogue } from '../routing.ts';
import { say } from '../words.ts';

/** What is asked back where a press or a shortcut is not enough. */

export function denyForm(press: Press): Modal {
  return {
    title: 'Deny the proposal',
    submit: 'Deny',
    intro: say`It is put aside, with your reason in the thread and the audit log. Nothing is changed.`,
    fields: [{ id: 'reason', label: 'Why not?', multiline: true, required: true }],
    means: press,
  };
}

export function wrongCauseForm(press: Press): Modal {
  return {
    title: 'What was the cause?',
    submit: 'Send',
    intro: say`It goes on the timeline with your name, and into this incident's last message. Secrets are taken out.`,
    fields: [{ id: 'reason', label: 'What was it, as far as you know?', multiline: true, required: false }],
    means: press,
  };
}

/** Why a person is wanted: it is what the phone of whoever is called shows. */
export function escalateForm(press: Press): Modal {
  return {
    title: 'Call a person',
    submit: 'Call',
    intro: say`Whoever is on call is called at once, also at night. The thread says who was reached.`,
    fields: [{ id: 'reason', label: 'Why (shown on their phone)', multiline: false, required: true, least: 5 }],
    means: press,
  };
}

/** Which workload of a storm gets a thread of its own: those with the most alerts first. */
export function splitForm(
  press: Press,
  workloads: readonly { readonly name: string; readonly alerts: number }[],
): Modal {
  const options = workloads.slice(0, 100).map(({ name, alerts }) => ({ value: name, label: `${name} (${alerts})` }));
  return {
    title: 'Split off a workload',
    submit: 'Split off',
    intro: say`Its alerts get a thread of their own and are looked at alone. The storm's thread keeps the others.`,
    fields: [{ id: 'reason', label: 'Workload', multiline: false, required: true, options }],
    means: press,
  };
}

/** Resource or variable, of which container, and its new value. */
export function setForm(
  { name, namespace, region }: { readonly name: string; readonly namespace: string; readonly region: string },
  catalogue: Catalogue,
): Modal {
  const service = catalogue.services.find((one) => one.name === name);
  const { modelVersion, batchSize, threads } = service?.variables ?? {
    modelVersion: 'MODEL_VERSION',
    batchSize: 'BATCH_SIZE',
    threads: 'OMP_NUM_THREADS',
  };
  const usual = service?.namespace ?? catalogue.defaultNamespace;
  const where = namespace === usual ? '' : ` -n ${namespace}`;
  return {
    title: 'Change one value',
    submit: 'Prepare',
    intro: say`Of ${name} in ${region}. Nothing is changed yet: you see what it would do, and it needs an approval.`,
    fields: [
      {
        id: 'what',
        label: 'What',
        multiline: false,
        required: true,
        options: [
          { value: 'cpu', label: 'CPU limit' },
          { value: 'memory', label: 'Memory limit' },
          { value: 'gpu', label: 'GPUs' },
          ...[modelVersion, batchSize, threads].map((value) => ({ value, label: `Variable ${value}` })),
        ],
      },
      { id: 'value', label: 'New value (4, 500m, 16Gi, v3 …)', multiline: false, required: true },
      { id: 'request', label: 'Request, for a resource', multiline: false, required: false },
      { id: 'container', label: 'Container (empty: the one that serves)', multiline: false, required: false },
    ],
    means: {
      command: `set ${name} ${region}${where} {what}={value} request={request} container={container}`,
    },
  };
}

/** Nothing is changed in a region that was not named. */
export function regionForm(command: string, title: string, catalogue: Catalogue): Modal {
  return {
    title: 'In which region?',
    submit: 'Prepare',
    intro: say`To ${title}. Nothing is changed yet: you see what it would do, and it needs an approval.`,
    fields: [
      {
        id: 'region',
        label: 'Region',
        multiline: false,
        required: true,
        options: catalogue.regions.slice(0, 100).map((one) => ({ value: one.name, label: one.name })),
      },
    ],
    means: { command },
  };
}

export function diagnoseForm(catalogue: Catalogue): Modal {
  return {
    title: 'Diagnose',
    submit: 'Look',
    intro: say`The message does not say what to look at.`,
    fields: [
      {
        id: 'service',
        label: 'Deployment',
        multiline: false,
        required: true,
        options: catalogue.services.slice(0, 100).map((one) => ({ value: one.name, label: one.name })),
      },
      {
        id: 'region',
        label: 'Region',
        multiline: false,
        required: false,
        options: catalogue.regions.map((one) => ({ value: one.name, label: one.name })),
      },
    ],
    means: { command: 'diagnose {service} {region}' },
  };
}
