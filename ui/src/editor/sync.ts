// One panel's conversation with the core, without a screen: what the core said, what was done here
// since, what was sent. Every function gives a new state; nothing here sends or draws.

import type { Command } from "../bridge/generated/Command";
import type { FindQuery } from "../bridge/generated/FindQuery";
import type { EditIntent } from "../bridge/generated/EditIntent";
import type { Message } from "../bridge/generated/Message";
import type { Span } from "../bridge/generated/Span";
import type { SpanChange } from "../bridge/generated/SpanChange";
import type { Row } from "../bridge/generated/Row";
import { appliedBatches } from "./applied";
import { difference, pointsAt, pointsIn } from "./offsets";
import { linesCounted, rebase, stepsBetween, textSteps, type TextSteps } from "./rebase";
import { applyChanges, displayable, predictAll, RowMismatch } from "./rows";
import { type Extent, NO_ROWS } from "./rowset";

export type PanelRows = Extract<Message, { type: "panelRows" }>;
export type PanelPatch = Extract<Message, { type: "panelPatch" }>;
export type History = "undo" | "redo";

/** An edit of rows that are not held here. */
export type FarEdit =
  | { readonly type: "span"; readonly span: Span; readonly change: SpanChange }
  | { readonly type: "replace"; readonly query: FindQuery; readonly replacement: string };

/** A batch that was sent; `history` for an undo or redo, whose effect only the core knows. */
export interface Batch {
  readonly serial: number;
  readonly intents: readonly EditIntent[];
  readonly history: History | FarEdit | null;
}

export interface PanelSync {
  readonly panel: number;
  readonly root: string | null;
  readonly revision: number;
  /** The serial given last. */
  readonly serial: number;
  /** Everything sent up to this serial is in the rows that an opening of the panel will bring. */
  readonly opened: number | null;
  /** The connection broke: which batches the core has taken comes with the rows, or is told from them. */
  readonly uncertain: boolean;
  /** What the core said: the rows held here, and which of all rows they are. */
  readonly base: readonly Row[];
  readonly extent: Extent;
  readonly pending: readonly Batch[];
  readonly unsent: readonly EditIntent[];
}

export function newSync(panel: number): PanelSync {
  return {
    panel,
    root: null,
    revision: 0,
    serial: 0,
    opened: null,
    uncertain: false,
    base: [],
    extent: NO_ROWS,
    pending: [],
    unsent: [],
  };
}

/** The rows to show: what the core said, and on top of it what it has not answered. */
export function shownRows(sync: PanelSync): readonly Row[] {
  const sent = sync.pending.reduce((rows, batch) => predictAll(rows, batch.intents), sync.base);
  return predictAll(sent, sync.unsent);
}

/** Notes what the user did; keystrokes that follow each other in one line become one intent. */
export function record(sync: PanelSync, intents: readonly EditIntent[]): PanelSync {
  const unsent = [...sync.unsent];
  for (const intent of intents) {
    const joined = joinedWith(unsent.at(-1), intent);
    if (joined) unsent[unsent.length - 1] = joined;
    else unsent.push(intent);
  }
  return { ...sync, unsent };
}

/** One intent for two keystrokes that follow each other; null where they do not. */
function joinedWith(last: EditIntent | undefined, intent: EditIntent): EditIntent | null {
  if (last?.type !== "editText" || intent.type !== "editText" || last.line !== intent.line)
    return null;
  if (intent.delete === 0 && intent.at === last.at + pointsIn(last.insert))
    return { ...last, insert: last.insert + intent.insert };
  if (last.insert === "" && intent.insert === "" && intent.at + intent.delete === last.at)
    return { ...last, at: intent.at, delete: last.delete + intent.delete };
  return null;
}

/**
 * What an input method went through is not what was written: several edits of one line that were not
 * sent become the one that they come to.
 */
export function composed(sync: PanelSync): PanelSync {
  const [first] = sync.unsent;
  if (first?.type !== "editText" || sync.unsent.length < 2) return sync;
  const { line } = first;
  const here = (intent: EditIntent): boolean => intent.type === "editText" && intent.line === line;
  if (!sync.unsent.every(here)) return sync;
  const textIn = (rows: readonly Row[]): string => rows.find((row) => row.id === line)?.text ?? "";
  const before = textIn(shownRows({ ...sync, unsent: [] }));
  const { from, to, insert } = difference(before, textIn(shownRows(sync)));
  if (from === to && insert === "") return { ...sync, unsent: [] };
  const at = pointsAt(before, from);
  const edit = { ...first, at, delete: pointsIn(before.slice(from, to)), insert };
  return { ...sync, unsent: [edit] };
}

/** Something that was done here has not reached the core, or its answer is still on the way. */
export function isUnanswered({ pending, unsent }: PanelSync): boolean {
  return pending.length > 0 || unsent.length > 0;
}

/** What has to be sent now, oldest first. */
export function flush(sync: PanelSync): readonly [PanelSync, readonly Command[]] {
  if (sync.unsent.length === 0 || sync.uncertain) return [sync, []];
  const batch: Batch = { serial: sync.serial + 1, intents: sync.unsent, history: null };
  return [sentBatch({ ...sync, unsent: [] }, batch), [commandOf(sync, batch)]];
}

/** Sends what only the core knows the effect of. */
export function sendHistory(
  sync: PanelSync,
  history: History | FarEdit,
): readonly [PanelSync, readonly Command[]] {
  if (sync.uncertain) return [sync, []];
  const [flushed, commands] = flush(sync);
  const batch: Batch = { serial: flushed.serial + 1, intents: [], history };
  return [sentBatch(flushed, batch), [...commands, commandOf(flushed, batch)]];
}

function sentBatch(sync: PanelSync, batch: Batch): PanelSync {
  return { ...sync, serial: batch.serial, pending: [...sync.pending, batch] };
}

function commandOf(sync: PanelSync, { serial, intents, history }: Batch): Command {
  const { panel, revision } = sync;
  if (history === null) return { type: "edit", panel, serial, revision, intents: [...intents] };
  if (typeof history === "string") return { type: history, panel, serial };
  if (history.type === "replace") {
    const { query, replacement } = history;
    return { type: "replaceMatches", panel, serial, query, replacement };
  }
  const { span, change } = history;
  return { type: "editSpan", panel, serial, revision, span, change };
}

/** The panel is being opened again on the same connection. */
export function reopening(sync: PanelSync): PanelSync {
  return { ...sync, opened: sync.serial };
}

/** The connection broke, and the panel is being opened on a new one. */
export function reconnecting(sync: PanelSync): PanelSync {
  return { ...sync, uncertain: true, opened: null };
}

/** All rows anew; the commands send again what the core has not taken. */
export function receiveRows(
  sync: PanelSync,
  message: PanelRows,
): readonly [PanelSync, readonly Command[]] {
  const base = message.rows.map(displayable);
  const { revision, root, total, first, early } = message;
  const extent = { total, first, early };
  const next = { ...sync, base, extent, revision, root, opened: null };
  if (sync.uncertain && !message.resumed) return resend(next, sync.base);
  const answered = Math.max(message.ack, sync.opened ?? 0);
  const before = foldAnswered(sync, answered);
  const steps = stepsBetween(before, base, counted(sync, answered));
  const now = rebased({ ...next, uncertain: false }, answered, steps);
  return [now, sync.uncertain ? now.pending.map((batch) => commandOf(now, batch)) : []];
}

/** Where the core does not know what it has taken, as after a restart. */
function resend(sync: PanelSync, before: readonly Row[]): readonly [PanelSync, readonly Command[]] {
  const applied = appliedBatches(before, sync.pending, sync.base);
  const open = sync.pending.slice(applied).filter((batch) => batch.history === null);
  const fresh: PanelSync = { ...sync, uncertain: false, serial: 0, pending: [] };
  return open.reduce<readonly [PanelSync, readonly Command[]]>(
    ([state, commands], { intents }) => {
      const batch: Batch = { serial: state.serial + 1, intents, history: null };
      return [sentBatch(state, batch), [...commands, commandOf(state, batch)]];
    },
    [fresh, []],
  );
}

/**
 * The core's next patch.
 *
 * Throws [`RowMismatch`] when the patch is not for these rows: open the panel again then.
 */
export function receivePatch(sync: PanelSync, message: PanelPatch): PanelSync {
  if (message.revision !== sync.revision + 1) {
    throw new RowMismatch(`patch ${message.revision} behind revision ${sync.revision}`);
  }
  const { changes, ack, revision, total, first } = message;
  const base = applyChanges(sync.base, changes);
  const answered = sync.pending.filter((batch) => batch.serial <= ack);
  const mine = linesCounted(answered.flatMap((batch) => batch.intents));
  const open = counted(sync, ack);
  const steps = new Map(
    [...textSteps(sync.base, changes)].filter(([line]) => open.has(line) && !mine.has(line)),
  );
  // Lines in which own answered text and other people's may be mixed.
  const mixed = new Set([...mine].filter((line) => open.has(line)));
  if (mixed.size > 0) {
    const found = stepsBetween(foldAnswered(sync, ack), base, mixed);
    for (const [line, all] of found) steps.set(line, all);
  }
  const extent = { total, first, early: false };
  return rebased({ ...sync, base, extent, revision }, ack, steps);
}

/** Lines whose offsets count in what the core has not answered up to `ack`. */
function counted(sync: PanelSync, ack: number): Set<string> {
  const open = sync.pending.filter((batch) => batch.serial > ack);
  return linesCounted([...open.flatMap((batch) => batch.intents), ...sync.unsent]);
}

function foldAnswered(sync: PanelSync, ack: number): readonly Row[] {
  const answered = sync.pending.filter((batch) => batch.serial <= ack);
  return answered.reduce((rows, batch) => predictAll(rows, batch.intents), sync.base);
}

/** Drops what the core has answered and moves the rest over the core's text steps. */
function rebased(sync: PanelSync, ack: number, core: TextSteps): PanelSync {
  let steps = core;
  const move = (intents: readonly EditIntent[]): readonly EditIntent[] => {
    const [moved, left] = rebase(intents, steps);
    steps = left;
    return moved;
  };
  const open = sync.pending.filter((batch) => batch.serial > ack);
  const pending = open.map((batch) => ({ ...batch, intents: move(batch.intents) }));
  return { ...sync, pending, unsent: move(sync.unsent) };
}
