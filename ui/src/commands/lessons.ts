// Which command does what a line of the Welcome document teaches.

import type { Command } from "../bridge/generated/Command";
import type { Lesson } from "../bridge/generated/Lesson";

const TAUGHT: Readonly<Record<string, Lesson>> = {
  "line.indent": "indent",
  "line.outdent": "indent",
  "line.up": "move",
  "line.down": "move",
  "line.complete": "complete",
  "outline.unfold": "fold",
  "outline.zoomOut": "zoom",
  "tideline.palette": "palette",
  "view.splitRight": "split",
  "view.splitDown": "split",
};

export function lessonOf(command: string): Lesson | null {
  return TAUGHT[command] ?? null;
}

/** What is typed shows two lessons: a new line with text in it, and a prefix that makes a kind. */
export class TypedLessons {
  private readonly made = new Set<string>();

  lessonOf(command: Command): Lesson | null {
    if (command.type !== "edit") return null;
    const { intents } = command;
    const into = intents.flatMap((intent) =>
      intent.type === "editText" && intent.insert !== "" ? [intent.line] : [],
    );
    const written = into.some((line) => this.made.has(line));
    for (const intent of intents) {
      if (intent.type === "split") this.made.add(intent.newLine);
    }
    if (written) return "write";
    const prefix = intents.some((intent) => intent.type === "editText" && intent.delete > 0);
    return prefix && intents.some((intent) => intent.type === "setKind") ? "prefix" : null;
  }
}
