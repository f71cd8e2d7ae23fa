// Rows as rich text for other programs, and rich text of other programs as Markdown. Knows no
// clipboard; what it reads never becomes part of the page.

import type { Row } from "../bridge/generated/Row";
import { type InlineSpan, spansOf } from "./inline";
import { isHeading, isTodo } from "./kinds";
import { cellsOf, isRule } from "./table";

type Written = Pick<Row, "depth" | "kind" | "text">;

interface Node extends Written {
  readonly children: Node[];
}

/** Rows as HTML: headings, paragraphs, nested lists, code, tables. */
export function htmlOf(rows: readonly Written[]): string {
  const top: Node = { depth: -1, kind: "text", text: "", children: [] };
  const path = [top];
  for (const row of rows) {
    while ((path.at(-1)?.depth ?? -1) >= row.depth && path.length > 1) path.pop();
    const node: Node = { ...row, children: [] };
    path.at(-1)?.children.push(node);
    path.push(node);
  }
  return blocks(top.children, false);
}

/** A run of siblings that make one block: a list, a piece of code, a table. */
function* runs(nodes: readonly Node[], listed: boolean): Generator<[string, readonly Node[]]> {
  const formOf = ({ kind }: Node): string => {
    if (kind === "numbered") return "ol";
    if (kind === "bullet" || isTodo(kind)) return "ul";
    if (kind === "code" || kind === "table" || kind === "quote") return kind;
    return listed && kind !== "divider" ? "ul" : "";
  };
  for (let from = 0; from < nodes.length;) {
    const first = nodes[from];
    const form = first ? formOf(first) : "";
    let to = from + 1;
    for (let next = nodes[to]; form !== "" && next && formOf(next) === form; next = nodes[to]) to++;
    yield [form, nodes.slice(from, to)];
    from = to;
  }
}

function blocks(nodes: readonly Node[], listed: boolean): string {
  return [...runs(nodes, listed)].map(([form, run]) => block(form, run)).join("");
}

function block(form: string, run: readonly Node[]): string {
  switch (form) {
    case "ol":
    case "ul":
      return `<${form}>${run.map(item).join("")}</${form}>`;
    case "code":
      return `<pre><code>${run.map((node) => escaped(node.text)).join("\n")}</code></pre>`;
    case "quote":
      return `<blockquote>${run.map(paragraph).join("")}</blockquote>`;
    case "table":
      return `<table>${run.map(tableRow).join("")}</table>`;
    default:
      return run.map(single).join("");
  }
}

function item(node: Node): string {
  const checked = node.kind === "todo-done" ? " checked" : "";
  const box = isTodo(node.kind) ? `<input type="checkbox"${checked}> ` : "";
  const text = isHeading(node.kind) ? `<b>${inlineHtml(node.text)}</b>` : inlineHtml(node.text);
  return `<li>${box}${text}${blocks(node.children, true)}</li>`;
}

function paragraph(node: Node): string {
  return `<p>${inlineHtml(node.text)}</p>${blocks(node.children, true)}`;
}

function tableRow({ text }: Node): string {
  const cells = cellsOf(text);
  if (isRule(cells)) return "";
  return `<tr>${cells.map((cell) => `<td>${inlineHtml(cell)}</td>`).join("")}</tr>`;
}

function single(node: Node): string {
  if (node.kind === "divider") return `<hr>${blocks(node.children, true)}`;
  if (!isHeading(node.kind)) return paragraph(node);
  const tag = `h${node.kind.slice("heading".length)}`;
  return `<${tag}>${inlineHtml(node.text)}</${tag}>${blocks(node.children, false)}`;
}

const TAGS: Readonly<Partial<Record<InlineSpan["type"], string>>> = {
  bold: "strong",
  italic: "em",
  strike: "s",
  highlight: "mark",
  code: "code",
};

/** A line's text with its marks as HTML. */
export function inlineHtml(text: string): string {
  return inlinePart(text, spansOf(text), 0, text.length);
}

function inlinePart(text: string, spans: readonly InlineSpan[], from: number, to: number): string {
  let [html, at] = ["", from];
  for (const span of spans) {
    if (span.from < at || span.to > to) continue;
    const [inner, outer] = [span.from + span.open, span.to - span.close];
    const inside = spans.filter((other) => other !== span && other.from >= inner);
    const content =
      span.type === "code"
        ? escaped(text.slice(inner, outer))
        : inlinePart(text, inside, inner, outer);
    html += escaped(text.slice(at, span.from)) + wrapped(span, content);
    at = span.to;
  }
  return html + escaped(text.slice(at, to));
}

function wrapped({ type, href }: InlineSpan, content: string): string {
  if (href !== undefined) return `<a href="${escaped(href)}">${content}</a>`;
  const tag = TAGS[type];
  return tag ? `<${tag}>${content}</${tag}>` : content;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}

/** What makes rich text worth more than the plain text beside it. */
const STRUCTURE =
  "li,h1,h2,h3,h4,h5,h6,table,blockquote,pre,hr,a[href],b,strong,em,i,s,del,mark,code";

const SKIPPED = new Set(["SCRIPT", "STYLE", "HEAD", "TITLE", "META", "TEMPLATE", "NOSCRIPT"]);
const BLOCKS =
  /^(?:P|DIV|SECTION|ARTICLE|HEADER|FOOTER|MAIN|ASIDE|NAV|FIGURE|FIGCAPTION|DL|DT|DD|ADDRESS|FORM|BODY|DETAILS|SUMMARY|TBODY|THEAD)$/;
/** Lists nested deeper are as deep as this. */
const DEPTH_MAX = 64;

/** Rich text as Markdown, null when it says no more than plain text would. */
export function markdownFromHtml(html: string): string | null {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  if (!body.querySelector(STRUCTURE)) return null;
  const reader = new HtmlReader();
  reader.read(body, { list: 0, mark: "", quote: false });
  reader.end();
  const text = reader.lines.join("\n");
  return text.trim() === "" ? null : text;
}

interface Context {
  /** How many lists this is in. */
  readonly list: number;
  /** What the next line begins with. */
  readonly mark: string;
  readonly quote: boolean;
}

class HtmlReader {
  readonly lines: string[] = [];
  private text = "";
  private context: Context = { list: 0, mark: "", quote: false };
  private marked = false;

  /** Reads what is inside an element. */
  read(parent: ParentNode & globalThis.Node, context: Context): void {
    for (const node of parent.childNodes) {
      if (node instanceof Element) this.element(node, context);
      else if (node.nodeType === node.TEXT_NODE) this.text += oneLine(node.textContent ?? "");
    }
  }

  /** The line that was being read is complete. */
  end(): void {
    const text = this.text.replace(/\s+/g, " ").trim();
    this.text = "";
    if (text === "") return;
    const { list, mark, quote } = this.context;
    const indent = "    ".repeat(Math.min(Math.max(list - 1, 0), DEPTH_MAX));
    // A second paragraph of an item stands below it.
    const more = list > 0 && this.marked ? "    " : "";
    this.lines.push(indent + more + (quote ? "> " : "") + (this.marked ? "" : mark) + text);
    this.marked = true;
  }

  private block(element: Element, context: Context, fresh: boolean): void {
    this.end();
    const outer = { context: this.context, marked: this.marked };
    this.context = context;
    if (fresh) this.marked = false;
    this.read(element, context);
    this.end();
    this.context = outer.context;
    if (fresh) this.marked = outer.marked;
  }

  private element(element: Element, context: Context): void {
    const tag = element.tagName.toUpperCase();
    if (SKIPPED.has(tag)) return;
    if (/^H[1-6]$/.test(tag)) {
      const mark = `${"#".repeat(Math.min(Number(tag.slice(1)), 3))} `;
      this.block(element, { ...context, mark }, true);
    } else if (tag === "UL" || tag === "OL") {
      this.block(element, { ...context, list: context.list + 1 }, false);
    } else if (tag === "LI") {
      this.block(element, { ...context, mark: itemMark(element) }, true);
    } else if (tag === "BLOCKQUOTE") {
      this.block(element, { ...context, quote: context.list === 0 }, false);
    } else if (tag === "TR") {
      this.row(element, context);
    } else if (tag === "PRE") {
      this.code(element);
    } else if (tag === "HR") {
      this.end();
      this.lines.push("---");
    } else if (tag === "BR") {
      this.end();
    } else if (BLOCKS.test(tag)) {
      this.block(element, context, context.list === 0);
    } else {
      this.inline(element, context);
    }
  }

  private code(element: Element): void {
    this.end();
    const text = (element.textContent ?? "").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    this.lines.push("```", ...text.split("\n"), "```");
  }

  private row(element: Element, context: Context): void {
    this.end();
    const cells = [...element.children].map((cell) => {
      const reader = new HtmlReader();
      reader.read(cell, { ...context, list: 0, mark: "" });
      reader.end();
      return reader.lines.join(" ").replaceAll("|", "\\|");
    });
    this.lines.push(`| ${cells.join(" | ")} |`);
  }

  private inline(element: Element, context: Context): void {
    const before = this.text;
    const lines = this.lines.length;
    this.text = "";
    this.read(element, context);
    // Blocks inside an inline element: its marks would break over lines.
    if (this.lines.length > lines) return;
    const content = /^(\s*)(.*?)(\s*)$/s.exec(this.text);
    const [, left = "", inner = "", right = ""] = content ?? [];
    this.text = before + left + (inner === "" ? "" : withMarks(element, inner)) + right;
  }
}

function itemMark(element: Element): string {
  const box = element.querySelector(":scope > input[type=checkbox], :scope > p > input");
  if (box) return (box as HTMLInputElement).checked ? "- [x] " : "- [ ] ";
  return element.parentElement?.tagName.toUpperCase() === "OL" ? "1. " : "- ";
}

function withMarks(element: Element, inner: string): string {
  const tag = element.tagName.toUpperCase();
  if (tag === "CODE" || tag === "KBD" || tag === "SAMP") return `\`${inner}\``;
  const href = tag === "A" ? element.getAttribute("href") : null;
  if (href && /^(?:https?:|mailto:)/i.test(href)) {
    return href === inner ? inner : `[${inner}](${href.replace(/\s/g, "%20")})`;
  }
  const style = (element.getAttribute("style") ?? "").toLowerCase();
  const weight = /font-weight:\s*(\w+)/.exec(style)?.[1];
  const plain = weight === "normal" || weight === "400";
  const heavy = weight === "bold" || Number(weight) >= 600;
  let text = inner;
  if (((tag === "B" || tag === "STRONG") && !plain) || heavy) text = `**${text}**`;
  if (tag === "EM" || tag === "I" || /font-style:\s*italic/.test(style)) text = `*${text}*`;
  if (["S", "DEL", "STRIKE"].includes(tag) || /line-through/.test(style)) text = `~~${text}~~`;
  return tag === "MARK" ? `==${text}==` : text;
}

function oneLine(text: string): string {
  return text.replace(/[\s\u00a0]+/g, " ");
}
