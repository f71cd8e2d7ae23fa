// Which key belongs to which command: the commands' own keys, and what the user made of them. Pure.

import type { Keys } from "../state/settings";
import type { UserCommand } from "./command";

export function keysFor(
  command: Pick<UserCommand, "id" | "keys">,
  changed: Keys,
): readonly string[] {
  return changed[command.id] ?? command.keys;
}

/** The commands that have a key, by that key. */
export function commandsByKey(
  commands: readonly UserCommand[],
  changed: Keys,
): ReadonlyMap<string, readonly UserCommand[]> {
  const found = new Map<string, UserCommand[]>();
  for (const command of commands) {
    for (const key of keysFor(command, changed)) {
      const others = found.get(key);
      if (others) others.push(command);
      else found.set(key, [command]);
    }
  }
  return found;
}

/**
 * Pairs that share a key on purpose: the first leaves it alone when it has nothing to do, and two
 * commands that do the same are no conflict.
 */
const SHARED: ReadonlySet<string> = new Set(["text.bold view.sidebar"]);

/** Other commands that would answer to a key of this one. */
export function conflicts(
  command: UserCommand,
  commands: readonly UserCommand[],
  changed: Keys,
): readonly { readonly key: string; readonly others: readonly UserCommand[] }[] {
  const byKey = commandsByKey(commands, changed);
  return keysFor(command, changed).flatMap((key) => {
    const others = (byKey.get(key) ?? []).filter(
      (other) => other.id !== command.id && !SHARED.has([command.id, other.id].sort().join(" ")),
    );
    return others.length > 0 ? [{ key, others }] : [];
  });
}

/** The user's keys with another first key for a command; null takes all its keys away. */
export function withKey(command: UserCommand, key: string | null, changed: Keys): Keys {
  const keys = key === null ? [] : [key];
  const same =
    keys.length === command.keys.length && keys.every((one, at) => one === command.keys[at]);
  return same ? withoutChange(command, changed) : { ...changed, [command.id]: keys };
}

export function withoutChange(command: Pick<UserCommand, "id">, changed: Keys): Keys {
  return Object.fromEntries(Object.entries(changed).filter(([id]) => id !== command.id));
}
