// Names of keys: written once as `Mod+Shift+K`, turned into what CodeMirror and people read, and read
// from what is pressed. Mod is Ctrl, on a Mac the command key.

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Backspace: "⌫",
  PageUp: "Page up",
  PageDown: "Page down",
  Escape: "Esc",
};

/** What stands on a key, by its place on the keyboard: for layouts whose letters are others. */
const PLACES: Readonly<Record<string, string>> = {
  Backquote: "`",
  Backslash: "\\",
  BracketLeft: "[",
  BracketRight: "]",
  Comma: ",",
  Equal: "=",
  Minus: "-",
  Period: ".",
  Quote: "'",
  Semicolon: ";",
  Slash: "/",
};

const MODIFIERS: readonly string[] = ["Control", "Alt", "Shift", "Meta", "AltGraph", "OS"];

const onMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/** As people read it: `Ctrl+Shift+K`. */
export function shownKey(key: string): string {
  const parts = key.split(/(?<=.)\+/).map((part) => SIGNS[part] ?? part);
  return parts.map((part) => (part === "Mod" ? (onMac ? "⌘" : "Ctrl") : part)).join("+");
}

/** As CodeMirror's keymap reads it: `Mod-Shift-k`. */
export function editorKey(key: string): string {
  const parts = key.split(/(?<=.)\+/);
  return parts.map((part) => (part.length === 1 ? part.toLowerCase() : part)).join("-");
}

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "altKey" | "shiftKey" | "metaKey">;

/** What was pressed, as commands write it; the likelier reading first. Empty for modifiers alone. */
export function keysOf(event: Pressed): readonly string[] {
  const { key, code } = event;
  if (MODIFIERS.includes(key) || key === "Dead" || key === "Process") return [];
  const modifiers = [
    (onMac ? event.metaKey : event.ctrlKey) ? "Mod" : "",
    onMac && event.ctrlKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey ? "Shift" : "",
  ].filter(Boolean);
  const placed = PLACES[code] ?? /^(?:Key|Digit)(.)$/.exec(code)?.[1];
  const named = key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key;
  const names = placed === undefined || placed === named ? [named] : [named, placed];
  return names.map((name) => [...modifiers, name].join("+"));
}

/** Whether a key would keep people from writing if it were a command's. */
export function writesText(key: string): boolean {
  const parts = key.split(/(?<=.)\+/);
  const name = parts.at(-1) ?? "";
  const held = parts.slice(0, -1).some((part) => part !== "Shift");
  return !held && (name.length === 1 || name === "Space");
}
