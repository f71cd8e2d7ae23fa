// Marks inside a line's text: which parts are bold, code, a link, a tag. Reads a subset of Markdown
// that people type without thinking. Pure: knows texts only, no rows and no screen.

export type InlineType =
  "bold" | "italic" | "strike" | "highlight" | "code" | "link" | "url" | "tag" | "person";

/** A marked part of a text, in UTF-16 units; its first `open` and last `close` units are marks. */
export interface InlineSpan {
  readonly type: InlineType;
  readonly from: number;
  readonly to: number;
  readonly open: number;
  readonly close: number;
  /** Where a link leads. */
  readonly href?: string;
}

/** The marks that people type, and that formatting a selection puts around it. */
export const MARKS = {
  bold: "**",
  italic: "*",
  strike: "~~",
  highlight: "==",
  code: "`",
} as const;

export type Format = keyof typeof MARKS;

const CACHE_MAX = 4000;
const cache = new Map<string, readonly InlineSpan[]>();

/** The marked parts of a line's text; those inside others come behind them. */
export function spansOf(text: string): readonly InlineSpan[] {
  const known = cache.get(text);
  if (known) return known;
  const spans = new Reader(text).read();
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(text, spans);
  return spans;
}

const CODE = /(`+)(?!`)(.*?[^`])\1(?!`)/y;
const LINK = /\[((?:[^[\]\\]|\\.|\[[^[\]]*\])*)\]\(\s*(<[^<>]*>|(?:[^\s()]|\([^\s()]*\))+)\s*\)/y;
const URL = /(?:https?:\/\/|mailto:|www\.)[^\s<>"`]+/y;
const TAG = /#[\p{L}\p{M}\p{N}_/-]+/uy;
const PERSON = /@[\p{L}\p{M}\p{N}_][\p{L}\p{M}\p{N}_.-]*/uy;
const WORD = /[\p{L}\p{M}\p{N}_]/u;

/** A run of one mark's characters that may begin or end something. */
interface Run {
  readonly sign: string;
  at: number;
  left: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

class Reader {
  private readonly spans: InlineSpan[] = [];
  private runs: Run[] = [];
  private at = 0;

  constructor(private readonly text: string) {}

  read(): readonly InlineSpan[] {
    while (this.at < this.text.length) this.at += this.step();
    return this.spans.sort((a, b) => a.from - b.from || b.to - a.to);
  }

  /** Reads what begins here; how far it goes. */
  private step(): number {
    switch (this.text.charAt(this.at)) {
      case "\\":
        return 2;
      case "`":
        return this.code();
      case "[":
        return this.link();
      case "*":
      case "_":
      case "~":
      case "=":
        return this.run();
      case "#":
        return this.word("tag", TAG, /\p{L}/u);
      case "@":
        return this.word("person", PERSON, /\p{L}/u);
      case "h":
      case "m":
      case "w":
        return this.url();
      default:
        return 1;
    }
  }

  private matched(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  private add(type: InlineType, length: number, open: number, close: number, href?: string): void {
    const span = { type, from: this.at, to: this.at + length, open, close };
    this.spans.push(href === undefined ? span : { ...span, href });
  }

  private code(): number {
    const found = this.matched(CODE);
    const marks = /^`+/.exec(this.text.slice(this.at))?.[0].length ?? 1;
    if (!found) return marks;
    this.add("code", found[0].length, marks, marks);
    return found[0].length;
  }

  /** What stands in the brackets is read on; the address is not. */
  private link(): number {
    const found = this.matched(LINK);
    if (!found) return 1;
    const [whole, label = "", target = ""] = found;
    const href = target.replace(/^<|>$/g, "");
    this.add("link", whole.length, 1, whole.length - 1 - label.length, href);
    const inner = new Reader(label).read();
    for (const span of inner) {
      if (span.type === "link" || span.type === "url") continue;
      this.spans.push({ ...span, from: span.from + this.at + 1, to: span.to + this.at + 1 });
    }
    return whole.length;
  }

  private url(): number {
    if (this.followsWord()) return 1;
    const found = this.matched(URL);
    if (!found) return 1;
    let address = found[0].replace(/[.,;:!?'"*_~=\]]+$/, "");
    while (address.endsWith(")") && !address.includes("(")) address = address.slice(0, -1);
    if (!/[:.]\/?\/?[^\s/]/.test(address)) return 1;
    const href = address.startsWith("www.") ? `https://${address}` : address;
    this.add("url", address.length, 0, 0, href);
    return address.length;
  }

  private word(type: "tag" | "person", pattern: RegExp, needs: RegExp): number {
    const before = this.text.charAt(this.at - 1);
    if (this.followsWord() || /[#@&/.]/.test(before)) return 1;
    const found = this.matched(pattern)?.[0].replace(/[./-]+$/, "");
    if (!found || !needs.test(found)) return 1;
    this.add(type, found.length, 0, 0);
    return found.length;
  }

  private followsWord(): boolean {
    return WORD.test(this.text.charAt(this.at - 1));
  }

  private run(): number {
    const sign = this.text.charAt(this.at);
    let length = 1;
    while (this.text.charAt(this.at + length) === sign) length++;
    const [before, behind] = [this.text.charAt(this.at - 1), this.text.charAt(this.at + length)];
    const inWord = sign === "_" && WORD.test(before) && WORD.test(behind);
    const run: Run = {
      sign,
      at: this.at,
      left: length,
      opens: behind !== "" && !/\s/.test(behind) && !inWord,
      closes: before !== "" && !/\s/.test(before) && !inWord,
    };
    const paired = sign === "*" || sign === "_" ? length <= 3 : length === 2;
    if (!paired) return length;
    if (run.closes) this.close(run);
    if (run.opens && run.left > 0) this.runs.push(run);
    return length;
  }

  /** Ends, with `run`, what the nearest fitting runs before it began. */
  private close(run: Run): void {
    while (run.left > 0) {
      const index = this.runs.findLastIndex(({ sign, left }) => sign === run.sign && left > 0);
      const opener = this.runs[index];
      if (!opener) return;
      const width = run.left >= 2 && opener.left >= 2 ? 2 : 1;
      opener.left -= width;
      const from = opener.at + opener.left;
      const to = run.at + width;
      const type = typeOf(run.sign, width);
      this.spans.push({ type, from, to, open: width, close: width });
      run.at += width;
      run.left -= width;
      this.runs = this.runs.slice(0, opener.left > 0 ? index + 1 : index);
    }
  }
}

function typeOf(sign: string, width: number): InlineType {
  if (sign === "~") return "strike";
  if (sign === "=") return "highlight";
  return width === 2 ? "bold" : "italic";
}

/** The text as it reads: without its marks, and without the addresses of links. */
export function plainText(text: string): string {
  const marks = spansOf(text).flatMap(({ from, to, open, close }) => [
    [from, from + open] as const,
    [to - close, to] as const,
  ]);
  let [plain, at] = ["", 0];
  for (const [from, to] of marks.sort((a, b) => a[0] - b[0])) {
    plain += text.slice(at, Math.max(from, at));
    at = Math.max(at, to);
  }
  return plain + text.slice(at);
}
