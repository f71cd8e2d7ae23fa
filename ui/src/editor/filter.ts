// Showing only the lines that match: a bar above a panel's rows. The core looks, some lines at a time,
// and says which rows there are.

import { EditorView } from "@codemirror/view";

import type { Command } from "../bridge/generated/Command";
import type { FilterMark } from "../bridge/generated/FilterMark";
import type { Message } from "../bridge/generated/Message";
import { strings } from "../strings/strings";
import { button, element, input, takeKeys } from "./bars";
import { setMarks } from "./filterMarks";
import { rowAt } from "./rowset";

const say = strings.filter;

export interface FilterHost {
  readonly panel: number;
  readonly view: EditorView;
  /** Where the bar is shown. */
  readonly container: HTMLElement;
  /** Sends a command behind everything that was typed. */
  send(command: Command): void;
}

export class Filter {
  private query = "";
  /** What is marked in the rows, as text. */
  private marked = "[]";
  private ids = 0;
  private readonly bar: FilterBar;

  constructor(private readonly host: FilterHost) {
    this.bar = new FilterBar({
      typed: (query) => this.ask(query),
      left: () => {
        this.close();
        this.host.view.focus();
      },
      entered: () => this.host.view.focus(),
    });
  }

  /** Whether not all lines are shown. */
  get isOn(): boolean {
    return this.query.trim() !== "";
  }

  /** Opens the bar, with something to look for in it or with what is in it. */
  open(query?: string): boolean {
    this.host.container.append(this.bar.dom);
    this.bar.focus(query);
    return true;
  }

  /** Shows all lines again, around the caret. */
  close(): void {
    this.bar.dom.remove();
    if (this.query !== "") this.ask("");
    this.bar.clear();
  }

  /** The panel goes elsewhere, where nothing is filtered. */
  leave(): void {
    this.query = "";
    this.mark([]);
    this.bar.dom.remove();
    this.bar.clear();
  }

  /** The core has begun the panel anew. */
  rowsCame(): void {
    if (this.isOn) this.ask(this.query);
  }

  private mark(marks: readonly FilterMark[]): void {
    const { view } = this.host;
    const text = JSON.stringify(marks);
    if (text === this.marked) return;
    this.marked = text;
    view.dispatch({ effects: setMarks.of(marks) });
  }

  private ask(query: string): void {
    const { panel, view } = this.host;
    this.query = query;
    if (!this.isOn) this.mark([]);
    const caret = rowAt(view.state, view.state.selection.main.head);
    const near = caret ? { near: caret.id } : {};
    this.host.send({ type: "filter", panel, queryId: ++this.ids, query, ...near });
  }

  received(message: Extract<Message, { type: "filtered" }>): void {
    const { queryId, found, more, isCut, marks } = message;
    if (queryId !== this.ids) return;
    this.mark(marks);
    const { panel, view } = this.host;
    const status = isCut ? say.cut(found) : say.found(found, more);
    this.bar.say(this.isOn ? status : "", this.isOn && found === 0 && !more);
    if (more) this.host.send({ type: "filterOn", panel, queryId });
    else if (!this.isOn) {
      const caret = view.state.selection.main.head;
      view.dispatch({ effects: EditorView.scrollIntoView(caret, { y: "center" }) });
    }
  }
}

interface BarHost {
  typed(query: string): void;
  left(): void;
  /** Goes to the lines. */
  entered(): void;
}

class FilterBar {
  readonly dom = element("div", "find filter");
  private readonly field = input(say.prompt, "find-field");
  private readonly status = element("span", "find-status");

  constructor(private readonly host: BarHost) {
    this.dom.setAttribute("role", "search");
    this.dom.setAttribute("aria-label", say.label);
    this.status.setAttribute("role", "status");
    this.field.title = say.hint;
    const box = element("div", "find-box filter-box");
    box.append(this.field);
    const close = button("×", say.close);
    close.classList.add("find-close");
    close.addEventListener("click", () => host.left());
    this.dom.append(box, this.status, close);
    this.field.addEventListener("input", () => host.typed(this.field.value));
    takeKeys(this.dom, (event) => this.actionOf(event));
  }

  focus(query: string | undefined): void {
    if (query !== undefined && query !== this.field.value) {
      this.field.value = query;
      this.host.typed(query);
    }
    this.field.focus();
    this.field.select();
  }

  clear(): void {
    this.field.value = "";
    this.say("", false);
  }

  say(status: string, isNothing: boolean): void {
    this.status.textContent = status;
    this.status.classList.toggle("find-nothing", isNothing);
  }

  private actionOf({ key, target }: KeyboardEvent): (() => void) | null {
    if (key === "Escape") return () => this.host.left();
    const enters = key === "Enter" || key === "ArrowDown";
    return enters && target === this.field ? () => this.host.entered() : null;
  }
}
