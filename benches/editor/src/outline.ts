// Outlines made up of words: sections of fifty lines, up to four levels deep, about forty characters
// a line. Every line has its number in it, so that a page can say where it stands.

const SECTION_LINES = 50;
const LINE_CHARS = 40;
const SYLLABLES =
  "ta li ne ro ma si ver con tion ing pre al ous ed ter man an qui ber lo sta per is un".split(" ");

/** The number of a line in its text, as `n123`. */
export function mark(line: number): string {
  return `n${line}`;
}

export interface MadeUp {
  /** The texts as an editor shows them. */
  readonly texts: readonly string[];
  readonly markdown: string;
}

export function makeOutline(lines: number): MadeUp {
  const luck = new Luck(7);
  const texts: string[] = [];
  const written: string[] = [];
  let depth = 0;
  for (let line = 0; line < lines; line++) {
    const heading = line % SECTION_LINES === 0;
    const text = `${heading ? "Section" : "Item"} ${mark(line)} ${words(luck)}`;
    depth = heading ? -1 : Math.min(luck.below(3), depth + 1);
    texts.push(text);
    written.push(heading ? `\n## ${text}\n` : `${"  ".repeat(depth)}- ${text}`);
  }
  return { texts, markdown: written.join("\n") };
}

function words(luck: Luck): string {
  let text = "";
  while (text.length < LINE_CHARS - 12) {
    const syllables = 1 + luck.below(3);
    for (let at = 0; at < syllables; at++) text += SYLLABLES[luck.below(SYLLABLES.length)];
    text += " ";
  }
  return text.trimEnd();
}

/** A source of chance that is the same everywhere (mulberry32). */
export class Luck {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}
