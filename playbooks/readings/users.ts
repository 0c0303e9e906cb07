import { kubectl } from '../targets/deployment.ts';
import { deployment } from './deployment.ts';
import { selectsLabels } from './label-selector.ts';
import { onDeployment } from './on.ts';
import { inOrder } from './order.ts';

/** What else rests on this deployment's pods, by name. */
export interface Users {
  readonly services: readonly string[];
  /** Disruption budgets: they hold up evictions, no rollout. `allowed`: how many pods may be evicted now. */
  readonly budgets: readonly { readonly name: string; readonly allowed: number }[];
  /** "autoscaler x", "ScaledObject y". */
  readonly scaledBy: readonly string[];
}

export const users = onDeployment.reading('users', {
  after: [deployment],
  byHand: (t) => `${kubectl(t)} get services,poddisruptionbudgets,hpa -o wide`,
  read: async (read, t, seen): Promise<Users> => {
    const { kubernetes } = read;
    const { podLabels } = seen.deployment;
    const [services, budgets, scaler] = await Promise.all([
      kubernetes.services(t.namespace),
      kubernetes.disruptionBudgets(t.namespace),
      kubernetes.autoscaler({ namespace: t.namespace, name: t.name }),
    ]);
    return {
      services: services
        .filter(({ selector }) => isOf(selector, podLabels))
        .map((one) => one.name)
        .toSorted(inOrder),
      budgets: budgets
        .filter(({ selector }) => selectsLabels(selector, podLabels))
        .map(({ name, allowed }) => ({ name, allowed }))
        .toSorted((a, b) => inOrder(a.name, b.name)),
      scaledBy:
        scaler === null
          ? []
          : [
              `autoscaler ${scaler.name}`,
              ...(scaler.scaledObject === null ? [] : [`ScaledObject ${scaler.scaledObject}`]),
            ],
    };
  },
});

/** A service without a selector selects nothing by itself. */
function isOf(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  const all = Object.entries(selector);
  return all.length > 0 && all.every(([key, value]) => labels[key] === value);
}
