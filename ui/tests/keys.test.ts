// Keys: as they are written, pressed, shown and changed.

import { expect, test } from "vitest";

import {
  commandsByKey,
  conflicts,
  keysFor,
  withKey,
  withoutChange,
} from "../src/commands/bindings";
import type { UserCommand } from "../src/commands/command";
import { editorKey, keysOf, shownKey, writesText } from "../src/commands/keys";
import { COMMANDS } from "../src/commands/registry";

function pressed(key: string, code: string, modifiers = ""): readonly string[] {
  return keysOf({
    key,
    code,
    ctrlKey: modifiers.includes("c"),
    altKey: modifiers.includes("a"),
    shiftKey: modifiers.includes("s"),
    metaKey: false,
  });
}

function commandOf(id: string): UserCommand {
  const found = COMMANDS.find((command) => command.id === id);
  if (!found) throw new Error(`no command ${id}`);
  return found;
}

test.each([
  ["k", "KeyK", "c", ["Mod+K"]],
  ["K", "KeyK", "cs", ["Mod+Shift+K"]],
  ["|", "Backslash", "cs", ["Mod+Shift+|", "Mod+Shift+\\"]],
  ["л", "KeyK", "c", ["Mod+Л", "Mod+K"]],
  ["ArrowUp", "ArrowUp", "a", ["Alt+ArrowUp"]],
  ["F6", "F6", "s", ["Shift+F6"]],
  ["+", "Equal", "c", ["Mod++", "Mod+="]],
  [" ", "Space", "c", ["Mod+Space"]],
  ["Control", "ControlLeft", "c", []],
])("what is pressed is read as commands write it: %s %s %s", (key, code, modifiers, expected) => {
  expect(pressed(key, code, modifiers)).toEqual(expected);
});

test("keys are shown as they stand on the keyboard", () => {
  expect(shownKey("Mod+Shift+ArrowUp")).toBe("Ctrl+Shift+↑");
  expect(shownKey("Mod++")).toBe("Ctrl++");
  expect(editorKey("Mod+Shift+K")).toBe("Mod-Shift-k");
});

test("a letter alone is for writing", () => {
  expect(["A", "Shift+A", "Space"].filter(writesText)).toHaveLength(3);
  expect(["Mod+A", "Alt+Shift+A", "F2", "Enter"].filter(writesText)).toEqual([]);
});

test("no two commands have the same key to begin with", () => {
  const search = new Set(["go.to", "go.search"]);
  const all = COMMANDS.filter(({ id }) => !search.has(id)).flatMap((command) =>
    conflicts(command, COMMANDS, {}).map(({ key }) => `${command.id} ${key}`),
  );
  expect(all).toEqual([]);
});

test("every command has a name of its own", () => {
  expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
  const titles = COMMANDS.map(({ group, title }) => `${group} ${title}`);
  expect(new Set(titles).size).toBe(COMMANDS.length);
});

test("a changed key takes the place of the old one, and can be given back", () => {
  const palette = commandOf("tideline.palette");
  const changed = withKey(palette, "Mod+J", {});
  expect(keysFor(palette, changed)).toEqual(["Mod+J"]);
  expect(commandsByKey(COMMANDS, changed).get("Mod+K")).toBeUndefined();
  expect(withoutChange(palette, changed)).toEqual({});
  expect(keysFor(palette, withKey(palette, null, {}))).toEqual([]);
});

test("the key of another command is told, whichever of them has the editor", () => {
  const outdent = commandOf("line.outdent");
  const changed = withKey(outdent, "Mod+K", {});
  const [found] = conflicts(outdent, COMMANDS, changed);
  expect(found?.key).toBe("Mod+K");
  expect(found?.others.map(({ id }) => id)).toEqual(["tideline.palette"]);
});
