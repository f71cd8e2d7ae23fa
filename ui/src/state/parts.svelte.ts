// An object whose parts are signals of their own: whoever reads a part is asked again when that part
// changes, and not when another one does. Knows nothing of what the parts are.

class Part<Value> {
  value: Value;

  constructor(value: Value) {
    this.value = $state.raw(value);
  }
}

export interface Parts<Whole extends object> {
  readonly shown: Readonly<Whole>;
  readonly show: (next: Whole) => void;
}

/** `first` must have every part that there will be. */
export function partsOf<Whole extends object>(first: Whole): Parts<Whole> {
  const shown = {} as Whole;
  const names = Object.keys(first) as (keyof Whole)[];
  const parts = names.map((name) => {
    const part = new Part(first[name]);
    Object.defineProperty(shown, name, { enumerable: true, get: () => part.value });
    return [name, part] as const;
  });
  return {
    shown,
    show: (next) => {
      for (const [name, part] of parts) part.value = next[name];
    },
  };
}
