// The history of one line: what was asked of the core, and what it said.

import type { LineVersion } from "../bridge/generated/LineVersion";
import type { Message } from "../bridge/generated/Message";
import type { AppState, Effect } from "./app";
import type { Step } from "./panels";

export interface HistoryState {
  readonly queryId: number;
  readonly panel: number;
  readonly line: string;
  /** The latest first; null while the answer is on its way, "unknown" where there is none. */
  readonly versions: readonly LineVersion[] | "unknown" | null;
  /** There are older ones that are not told. */
  readonly isCut: boolean;
}

export function showHistory(state: AppState, panel: number, line: string): Step {
  const queryId = (state.history?.queryId ?? 0) + 1;
  const history = { queryId, panel, line, versions: null, isCut: false };
  return { state: { ...state, history, dialog: { type: "history" } }, effects: [ask(history)] };
}

/** What has to be asked again on a new connection. */
export function asksAgain({ dialog, history }: AppState): readonly Effect[] {
  return dialog?.type === "history" && history?.versions === null ? [ask(history)] : [];
}

export function historyCame(
  state: AppState,
  { queryId, versions, isCut }: Extract<Message, { type: "lineHistory" }>,
): AppState {
  const { history } = state;
  if (history?.queryId !== queryId) return state;
  return { ...state, history: { ...history, versions: versions ?? "unknown", isCut } };
}

function ask({ queryId, panel, line }: HistoryState): Effect {
  return { type: "send", command: { type: "readLineHistory", panel, queryId, line } };
}
