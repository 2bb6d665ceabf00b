import { digestOfJson } from '../base/digest.ts';
import type { Incident } from '../domain/incident.ts';
import { ProblemError } from '../domain/problem.ts';
import type { ListIncidentsRequest } from '../gen/meshkit/rebalancer/v1/incident_service_pb.ts';

/** Incidents per page when the request does not say. */
const defaultPageSize = 100;
/** Digits of the digest that bind a cursor to its filters. */
const bindingDigits = 20;

/**
 * One page of incidents, the newest first. The cursor names the last one of the page before, so that a page keeps its place
 * while others are opened. Throws `ProblemError` CURSOR_INVALID.
 */
export function pageOfIncidents(
  visible: readonly Incident[],
  request: Pick<ListIncidentsRequest, 'openOnly' | 'namespace' | 'pageSize' | 'cursor'>,
): { readonly incidents: readonly Incident[]; readonly nextCursor: string } {
  const sorted = visible
    .filter(
      (each) => request.namespace === '' || each.namespace === '' || each.namespace === request.namespace,
    )
    .sort(newestFirst);
  const last = readCursor(request);
  const rest = last ? sorted.filter((each) => newestFirst(each, last) > 0) : sorted;
  const incidents = rest.slice(0, request.pageSize || defaultPageSize);
  const end = incidents.at(-1);
  return { incidents, nextCursor: end && incidents.length < rest.length ? writeCursor(request, end) : '' };
}

type Place = Pick<Incident, 'openedAt' | 'id'>;
type Filters = Pick<ListIncidentsRequest, 'openOnly' | 'namespace'>;

function newestFirst(left: Place, right: Place): number {
  return right.openedAt - left.openedAt || (left.id < right.id ? 1 : left.id > right.id ? -1 : 0);
}

function writeCursor(filters: Filters, { openedAt, id }: Place): string {
  return Buffer.from(`${openedAt}.${binding(filters, openedAt, id)}.${id}`).toString('base64url');
}

function readCursor(request: Filters & { readonly cursor: string }): Place | undefined {
  const { cursor } = request;
  if (cursor === '') return undefined;
  const [, digits, id = ''] =
    /^(\d{1,16})\.[0-9a-f]+\.(.+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const place = { openedAt: Number(digits), id };
  if (digits !== undefined && writeCursor(request, place) === cursor) return place;
  throw new ProblemError({
    code: 'CURSOR_INVALID',
    message: 'the cursor is not one of ours, or is one of another query',
    field: 'cursor',
    value: cursor.slice(0, 100),
    remedy: 'Keep the filters while paging, or begin again without a cursor.',
  });
}

function binding({ openOnly, namespace }: Filters, openedAt: number, id: string): string {
  const digest = digestOfJson({ openOnly, namespace, openedAt, id });
  return digest.slice('sha256:'.length, 'sha256:'.length + bindingDigits);
}
