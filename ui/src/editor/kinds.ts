// The kinds of lines: their names in the protocol, what people read, and how one leads to the next.

import { strings } from "../strings/strings";

export const TODO_STATES = ["todo", "todo-started", "todo-waiting", "todo-done", "todo-cancelled"];

export const KIND_TITLES: Readonly<Record<string, string>> = strings.kinds;

export function isTodo(kind: string): boolean {
  return TODO_STATES.includes(kind);
}

export function isHeading(kind: string): boolean {
  return kind.startsWith("heading");
}

/** The kind of the line that Enter starts behind one of `kind`. */
export function continuedKind(kind: string): string {
  if (isTodo(kind)) return "todo";
  return ["bullet", "numbered", "quote", "code", "comment", "table"].includes(kind) ? kind : "text";
}

/** The kind after Ctrl+Enter: any line becomes a todo, an open one done, a closed one open. */
export function cycledTodo(kind: string): string {
  if (!isTodo(kind)) return "todo";
  return kind === "todo-done" || kind === "todo-cancelled" ? "todo" : "todo-done";
}

/** The state after this one, round and round; any other line becomes an open todo. */
export function nextTodoState(kind: string): string {
  return TODO_STATES[(TODO_STATES.indexOf(kind) + 1) % TODO_STATES.length] ?? "todo";
}

/** What a prefix typed at the start of a line turns it into. */
const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^### $/, "heading3"],
  [/^## $/, "heading2"],
  [/^# $/, "heading1"],
  [/^[-*+] $/, "bullet"],
  [/^\d{1,9}[.)] $/, "numbered"],
  [/^\[ ?\] $/, "todo"],
  [/^\[\/\] $/, "todo-started"],
  [/^\[\?\] $/, "todo-waiting"],
  [/^\[-\] $/, "todo-cancelled"],
  [/^\[[xX]\] $/, "todo-done"],
  [/^> $/, "quote"],
  [/^```$/, "code"],
  [/^---$/, "divider"],
];

export function kindOfPrefix(prefix: string): string | null {
  return PREFIXES.find(([pattern]) => pattern.test(prefix))?.[1] ?? null;
}
