// Names of windows: never used twice.

export function newWindowName(): string {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return `window-${number.toString(36)}`;
}
