import picocolors from 'picocolors';

/** Meanings, not colours: every one is the identity where colour is not wanted. */
export interface Style {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  strong(text: string): string;
  quiet(text: string): string;
}

export function createStyle(colour: boolean): Style {
  const colours = picocolors.createColors(colour);
  return {
    good: colours.green,
    warn: colours.yellow,
    bad: colours.red,
    strong: colours.bold,
    quiet: colours.dim,
  };
}
