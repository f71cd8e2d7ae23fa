// Figures as lines of text. Knows nothing of what was measured.

export type Unit = "ms" | "MB" | "steps";

export interface Figure {
  readonly name: string;
  readonly ours: number;
  readonly unit: Unit;
  readonly target: number;
  /** In what the value lies, when it is a median of so many runs. */
  readonly values?: readonly number[];
}

export function resultLine({ name, ours, unit, target, values }: Figure): string {
  const spread = values === undefined ? "" : ` spread=${spreadOf(values)}`;
  return `RESULT editor/${name} ours=${plain(ours)} unit=${unit} target=${target}${spread}`;
}

function plain(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export function median(values: readonly number[]): number {
  return share(values, 0.5);
}

export function p95(values: readonly number[]): number {
  return share(values, 0.95);
}

/** The value below which this share of the values lies. */
function share(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}

/** From the least to the greatest, in percent of the median. */
function spreadOf(values: readonly number[]): string {
  return plain(((Math.max(...values) - Math.min(...values)) / median(values)) * 100);
}

/** A median and a 95th percentile, for people. */
export function told(values: readonly number[]): string {
  return `p50 ${plain(median(values))}, p95 ${plain(p95(values))}, most ${plain(Math.max(...values))}`;
}
