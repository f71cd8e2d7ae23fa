// What the bars above a panel's rows are made of.

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  name: string,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}

/** A field for a few words. */
export function input(label: string, name: string): HTMLInputElement {
  const made = element("input", name);
  made.type = "text";
  made.placeholder = label;
  made.setAttribute("aria-label", label);
  made.autocomplete = "off";
  made.spellcheck = false;
  return made;
}

/** A button with a sign, or a word, that leaves the caret where it is. */
export function button(sign: string, title: string): HTMLButtonElement {
  const made = element("button", "find-button");
  made.type = "button";
  made.textContent = sign;
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("mousedown", (event) => event.preventDefault());
  return made;
}

/** Keys with an action are carried out in a bar, and mean nothing elsewhere. */
export function takeKeys(
  bar: HTMLElement,
  actionOf: (event: KeyboardEvent) => (() => unknown) | null,
): void {
  bar.addEventListener("keydown", (event) => {
    const run = event.isComposing ? null : actionOf(event);
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  });
}
