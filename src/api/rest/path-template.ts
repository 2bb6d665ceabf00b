/** A route's path as `google.api.http` writes it: literal segments, `{field}` for one segment, a `:verb` at the end. */
export interface PathTemplate {
  readonly text: string;
  /** Fields of the request that the path gives, in order, in the contract's names. */
  readonly fields: readonly string[];
  /** Literal characters: of two templates that fit a path, the one with more of them is meant. */
  readonly literals: number;
  /** The raw (still percent-encoded) values of `fields`; undefined when the path is another one. */
  match(path: string): readonly string[] | undefined;
}

const variable = /\{([a-z][a-z0-9_.]*)\}/g;

/** Throws on a template of a form that we do not have (`**`, nested patterns): a bug of the contract. */
export function parsePathTemplate(text: string): PathTemplate {
  const literal = text.replaceAll(variable, '');
  if (!/^(\/[A-Za-z0-9._:-]*)+$/.test(literal)) throw new Error(`"${text}" is no path template that we know`);
  const pattern = text
    .split(variable)
    // Every second part is the name of a variable.
    .map((part, index) => (index % 2 === 1 ? '([^/]+)' : part.replaceAll('.', '\\.')))
    .join('');
  const expression = new RegExp(`^${pattern}$`);
  return {
    text,
    fields: [...text.matchAll(variable)].map((match) => match[1] ?? ''),
    literals: literal.length,
    match: (path) => expression.exec(path)?.slice(1),
  };
}
