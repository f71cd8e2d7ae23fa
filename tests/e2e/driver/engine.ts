// What the scenarios ask of a running app, whichever web engine draws it.

/** Runs in the page: may use nothing but its arguments and the page. */
export type InPage<Arguments extends readonly unknown[], Result> = (...args: Arguments) => Result;

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** One window, or one browser tab. */
export interface Screen {
  evaluate<A extends readonly unknown[], R>(work: InPage<A, R>, ...args: A): Promise<R>;
  /** Runs a program in the page, whatever the page allows. */
  load(source: string): Promise<void>;
  /** Presses keys together, named as in `KeyboardEvent.key`: "Control+Shift+K", "Tab". */
  press(chord: string): Promise<void>;
  /** Presses the keys that write `text`, one after the other. */
  type(text: string): Promise<void>;
  click(selector: string): Promise<void>;
  /** Presses the pointer at the first of these places, in CSS pixels, and lets it go at the last. */
  pull(path: readonly Place[]): Promise<void>;
  /** Begins to write a character with an input method, which shows what it has so far. */
  compose(character: string): Promise<void>;
  /** Enters the character that is being composed. */
  commit(): Promise<void>;
  /** Gives the window another size, in CSS pixels. */
  resize(width: number, height: number): Promise<void>;
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

/** One running client: a process, its data folder and its windows. */
export interface App {
  readonly first: Screen;
  /** Does `action` and hands back the window that it opens. */
  opened(action: () => Promise<void>): Promise<Screen>;
  /** The window beside the first one, once it is there. */
  second(): Promise<Screen>;
  /** Ends it as a user does; everything written is on disk then. */
  quit(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
}

export interface Engine {
  readonly name: "chromium" | "desktop";
  start(data: string): Promise<App>;
  close(): Promise<void>;
}

/** What an input method takes for a character: its code point in hexadecimal digits. */
export function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}

/** The text of an expression that calls `work` in the page. */
export function call<A extends readonly unknown[], R>(work: InPage<A, R>, args: A): string {
  return `(${work.toString()})(...${JSON.stringify(args)})`;
}
