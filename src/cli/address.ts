import { ProblemError } from '../domain/problem.ts';

/**
 * The URL of a service, without a slash at the end; `HOST:PORT` is short for the example's scheme and that.
 *
 * @param option by which it was given
 * @param example one that would do
 * @throws ProblemError with FIELD_INVALID when it is none
 */
export function parseAddress(address: string, option: string, example: string): string {
  const scheme = new URL(example).protocol;
  const url = address.includes('://') ? address : `${scheme}//${address}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, '');
  throw new ProblemError({
    code: 'FIELD_INVALID',
    message: `"${address}" is not an address`,
    field: option,
    value: address,
    limit: `${scheme}//HOST:PORT`,
    remedy: `Give for instance ${example}.`,
  });
}
