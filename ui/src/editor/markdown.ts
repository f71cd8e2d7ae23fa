// Rows as Markdown text, and pasted text as drafts of rows. Only the marks at the start of a line and
// its indentation are read; the rest of a line is its text.

import type { Row } from "../bridge/generated/Row";

export interface Draft {
  readonly depth: number;
  readonly kind: string;
  readonly text: string;
  readonly tags?: readonly string[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** Lines that are indented further stand at this depth. */
export const PASTED_DEPTH_MAX = 64;

const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^[-*+]\s+\[ ?\]\s+/, "todo"],
  [/^[-*+]\s+\[\/\]\s+/, "todo-started"],
  [/^[-*+]\s+\[\?\]\s+/, "todo-waiting"],
  [/^[-*+]\s+\[[xX]\]\s+/, "todo-done"],
  [/^[-*+]\s+\[-\]\s+/, "todo-cancelled"],
  [/^\[ ?\]\s+/, "todo"],
  [/^\[[xX]\]\s+/, "todo-done"],
  [/^######?\s+|^####\s+|^###\s+/, "heading3"],
  [/^##\s+/, "heading2"],
  [/^#\s+/, "heading1"],
  [/^[-*+•]\s+/, "bullet"],
  [/^\d{1,9}[.)]\s+/, "numbered"],
  [/^>\s?/, "quote"],
];

const DIVIDER = /^(?:-{3,}|\*{3,}|_{3,})$/;
const FENCE = /^(?:`{3,}|~{3,})\s*([^`\s]*)/;
const TABLE_ROW = /^\|.*\|$/;

/** The lines of a pasted text, with kinds and depths; empty lines between them are left out. */
export function draftsOf(text: string): readonly Draft[] {
  const drafts: Draft[] = [];
  const open: Opened[] = [];
  let fence: Fence | null = null;
  for (const line of text.split(/\r\n?|\n/)) {
    const indent = indentOf(line);
    const content = line.trim();
    const fenced = FENCE.exec(content);
    if (fenced) {
      const depth: number = fence ? 0 : depthOf(open, { indent, level: 0 });
      fence = fence ? null : { indent, depth, language: fenced[1] ?? "" };
    } else if (fence) {
      const { depth, language }: Fence = fence;
      const text = withoutIndent(line, fence.indent);
      drafts.push({ depth, kind: "code", text, ...inLanguage(language) });
      fence = { ...fence, language: "" };
    } else if (content !== "") {
      const draft = kindAndText(content);
      const level = Number(/^heading(\d)$/.exec(draft.kind)?.[1] ?? 0);
      drafts.push({ ...draft, depth: depthOf(open, { indent, level }) });
    }
  }
  return drafts;
}

/** A block of code being read; the language belongs to its first line. */
interface Fence {
  readonly indent: number;
  readonly depth: number;
  readonly language: string;
}

function inLanguage(language: string): Pick<Draft, "properties"> {
  return language === "" ? {} : { properties: [{ name: "language", value: language }] };
}

function kindAndText(content: string): { readonly kind: string; readonly text: string } {
  if (DIVIDER.test(content)) return { kind: "divider", text: "" };
  if (TABLE_ROW.test(content)) return { kind: "table", text: content };
  for (const [pattern, kind] of PREFIXES) {
    const found = pattern.exec(content);
    if (found) return { kind, text: content.slice(found[0].length) };
  }
  return { kind: "text", text: content };
}

function indentOf(line: string): number {
  const blank = /^[ \t]*/.exec(line)?.[0] ?? "";
  return blank.replaceAll("\t", "    ").length;
}

function withoutIndent(line: string, indent: number): string {
  return line.slice(Math.min(indent, indentOf(line)));
}

/** A line that later ones may stand below: its indentation and, of a heading, its level. */
interface Opened {
  readonly indent: number;
  readonly level: number;
}

/** The depth of a line: below what is indented less, and below the heading it stands under. */
function depthOf(open: Opened[], line: Opened): number {
  const holds = (above: Opened): boolean =>
    above.indent < line.indent ||
    (above.indent === line.indent &&
      above.level > 0 &&
      (line.level === 0 || above.level < line.level));
  for (let last = open.at(-1); last && !holds(last); last = open.at(-1)) open.pop();
  const depth = Math.min(open.length, PASTED_DEPTH_MAX);
  open.push(line);
  return depth;
}

type Written = Pick<Row, "depth" | "kind" | "text" | "number" | "properties">;

const MARKS: Readonly<Record<string, string>> = {
  heading1: "# ",
  heading2: "## ",
  heading3: "### ",
  todo: "- [ ] ",
  "todo-started": "- [/] ",
  "todo-waiting": "- [?] ",
  "todo-done": "- [x] ",
  "todo-cancelled": "- [-] ",
  bullet: "- ",
  quote: "> ",
};

/** Lines as Markdown, indented by their depth below the shallowest of them. */
export function markdownOf(lines: readonly Written[]): string {
  const top = Math.min(...lines.map((line) => line.depth));
  const written: string[] = [];
  lines.forEach((line, at) => {
    const indent = "  ".repeat(line.depth - top);
    const [above, below] = [lines[at - 1], lines[at + 1]];
    const inBlock = (other: Written | undefined): boolean =>
      other?.kind === "code" && other.depth === line.depth;
    if (line.kind !== "code") written.push(indent + lineMark(line) + line.text);
    else {
      const language = line.properties.find(({ name }) => name === "language")?.values[0] ?? "";
      if (!inBlock(above)) written.push(`${indent}\`\`\`${language}`);
      written.push(indent + line.text);
      if (!inBlock(below)) written.push(`${indent}\`\`\``);
    }
  });
  return written.join("\n");
}

function lineMark({ kind, number }: Written): string {
  if (kind === "numbered") return `${number ?? 1}. `;
  return kind === "divider" ? "---" : (MARKS[kind] ?? "");
}
