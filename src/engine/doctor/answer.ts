import { doctorMessage } from '../../core/doctor/show.ts';
import { whyOf } from '../../core/failure.ts';
import type { Message } from '../../core/message.ts';
import type { Answer } from '../../core/ports/intake.ts';
import { sentence } from '../../core/render/help.ts';
import type { Parts } from '../parts.ts';
import { doctor, probesOf } from './doctor.ts';

/** `/mlp doctor`: only the asker sees it. Who asks while it looks gets that same look. */
export class Doctor {
  readonly #parts: Parts;
  #now: Promise<Message> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  answer(): Answer {
    const { doctor: given } = this.#parts;
    if (given === undefined)
      return { is: 'said', message: sentence('I cannot look after myself here: `npm run doctor` may.') };
    this.#now ??= this.#look().finally(() => {
      this.#now = null;
    });
    const probes = probesOf(given);
    const longest = Math.max(...probes.map((one) => one.withinMs));
    const first = sentence(
      `Looking at ${probes.length} things: Slack, the store, Alertmanager, and each region's Kubernetes and Prometheus. At most ${longest / 1000} s.`,
    );
    return { is: 'looking', to: 'asker', first, answer: this.#now };
  }

  async #look(): Promise<Message> {
    const { doctor: given, clock, log } = this.#parts;
    const from = clock.now();
    try {
      return doctorMessage(given === undefined ? [] : await doctor(given), clock.now() - from);
    } catch (error) {
      log('error', 'the doctor could not look', { err: whyOf(error) });
      return sentence('I could not look after myself; nothing was changed. `npm run doctor` may say more.');
    }
  }
}
