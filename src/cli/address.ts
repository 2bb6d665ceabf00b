import { ProblemError } from '../domain/problem.ts';

/**
 * The URL of a service, without a slash at the end; `HOST:PORT` is short for `http://HOST:PORT`.
 *
 * @param option by which it was given
 * @param example one that would do
 * @throws ProblemError with FIELD_INVALID when it is none
 */
export function parseAddress(address: string, option: string, example: string): string {
  const url = address.includes('://') ? address : `http://${address}`;
  if (URL.canParse(url)) return url.replace(/\/+$/, '');
  throw new ProblemError({
    code: 'FIELD_INVALID',
    message: `"${address}" is not an address`,
    field: option,
    value: address,
    limit: 'http://HOST:PORT',
    remedy: `Give for instance ${example}.`,
  });
}
