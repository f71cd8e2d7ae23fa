// Names of keys: written once as `Mod+Shift+K`, turned into what CodeMirror, the window's key
// listener and people read. Mod is Ctrl, on a Mac the command key.

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Backspace: "⌫",
};

const onMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/** As people read it: `Ctrl+Shift+K`. */
export function shownKey(key: string): string {
  const parts = key.split("+").map((part) => SIGNS[part] ?? part);
  return parts.map((part) => (part === "Mod" ? (onMac ? "⌘" : "Ctrl") : part)).join("+");
}

/** As CodeMirror's keymap reads it: `Mod-Shift-k`. */
export function editorKey(key: string): string {
  return withLetter(key, (letter) => letter.toLowerCase()).join("-");
}

/** As tinykeys reads it: `$mod+Shift+k`. */
export function windowKey(key: string): string {
  const parts = withLetter(key, (letter) => letter.toLowerCase());
  return parts.map((part) => (part === "Mod" ? "$mod" : part)).join("+");
}

function withLetter(key: string, change: (letter: string) => string): string[] {
  return key.split("+").map((part) => (part.length === 1 ? change(part) : part));
}
