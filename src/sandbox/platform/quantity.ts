const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** "500m" is 0.5, "16Gi" is 17179869184. Throws on what is no Kubernetes quantity. */
export function amount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text);
  const factor = factors[match?.[2] ?? ''];
  if (match === null || factor === undefined) throw new Error(`not a quantity: ${text}`);
  return Number(match[1]) * factor;
}

/** The way back, as Kubernetes writes sums: CPU in "m" unless whole, memory in the largest binary unit that divides it. */
export function quantity(resource: string, value: number): string {
  if (resource.endsWith('cpu')) return Number.isInteger(value) ? String(value) : `${Math.round(value * 1000)}m`;
  for (const unit of ['Ti', 'Gi', 'Mi', 'Ki'] as const) {
    const factor = factors[unit] ?? 1;
    if (value >= factor && value % factor === 0 && resource.includes('memory')) return `${value / factor}${unit}`;
  }
  return String(Math.round(value));
}

export type Amounts = Record<string, number>;

export function add(to: Amounts, more: Readonly<Record<string, string>>): void {
  for (const [resource, text] of Object.entries(more)) to[resource] = (to[resource] ?? 0) + amount(text);
}

/** Percentages of `of`, or a plain number: surge rounds up, unavailable rounds down. */
export function podsOf(text: string, of: number, round: 'up' | 'down'): number {
  if (!text.endsWith('%')) return Number(text);
  const exact = (Number(text.slice(0, -1)) * of) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
