import { type Downgrade, downgradeReasons } from './transport-stats.ts';

/** By which a client says, once per connection set, that it wanted a newer HTTP version: `from=h3; to=h2; reason=timeout`. */
export const downgradeHeader = 'meshkit-transport-downgrade';

const versions = ['h3', 'h2', 'h1'];

export function formatDowngrade({ from, to, reason }: Downgrade): string {
  return `from=${from}; to=${to}; reason=${reason}`;
}

/** Undefined for anything that is not exactly a downgrade: what strangers write must not become a label of a counter. */
export function parseDowngrade(text: string): Downgrade | undefined {
  const match = /^from=(h\d); ?to=(h\d); ?reason=([a-z_]{1,32})$/.exec(text.trim());
  const [, from = '', to = ''] = match ?? [];
  const reason = downgradeReasons.find((each) => each === match?.[3]);
  const [newer, older] = [versions.indexOf(from), versions.indexOf(to)];
  return reason && newer >= 0 && older > newer ? { from, to, reason } : undefined;
}
