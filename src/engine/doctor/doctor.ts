import type { Line } from '../../core/doctor/line.ts';
import { alertProbes } from './alerts.ts';
import { chatProbes } from './chat.ts';
import { examine } from './examine.ts';
import type { Probe, Progress } from './examine.ts';
import { kubernetesProbes } from './kubernetes.ts';
import { metricsProbes } from './metrics.ts';
import { pageProbes } from './pages.ts';
import type { DoctorParts } from './parts.ts';
import { storeProbes } from './store.ts';

/** Is everything there that the bot needs? Asked by `/mlp doctor` and `npm run doctor`. Changes nothing, and disturbs no bot that runs. */
export function doctor(parts: DoctorParts, onProgress?: (progress: Progress) => void): Promise<readonly Line[]> {
  return examine(probesOf(parts), parts.clock, onProgress);
}

export function probesOf(parts: DoctorParts): readonly Probe[] {
  return [
    ...storeProbes(parts),
    ...chatProbes(parts),
    ...alertProbes(parts),
    ...kubernetesProbes(parts),
    ...metricsProbes(parts),
    ...pageProbes(parts),
  ];
}
