// How well a few typed letters match a title: all of them must come in order; starts of words and
// runs count more. Pure.

const START_OF_TEXT = 2;
const START_OF_WORD = 3;
const RUN = 2;

/** 0 for no match; higher is better. Case and accents do not matter. */
export function fuzzyScore(typed: string, text: string): number {
  const needle = folded(typed).replaceAll(" ", "");
  const hay = folded(text);
  if (needle === "") return 1;
  const whole = hay.indexOf(folded(typed).trim());
  let score = whole >= 0 ? needle.length * RUN + (isWordStart(hay, whole) ? START_OF_WORD : 1) : 0;
  if (whole === 0) score += START_OF_TEXT;
  let at = -1;
  for (const letter of needle) {
    const next = hay.indexOf(letter, at + 1);
    if (next < 0) return 0;
    score += at >= 0 && next === at + 1 ? RUN : isWordStart(hay, next) ? START_OF_WORD : 0.5;
    at = next;
  }
  return score / (1 + hay.length / 200);
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? " ");
}
