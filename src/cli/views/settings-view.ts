import type { ClientSettings, Setting, SettingOrigin, TokenSetting } from '../settings/client-settings.ts';

export interface SettingRow {
  readonly setting: string;
  readonly value: string;
  readonly origin: SettingOrigin;
  /** By which it was given; empty for a default. */
  readonly name: string;
}

/** The settings in force as they are shown: a token that was given itself is only said to be there. */
export function settingRows(settings: ClientSettings): readonly SettingRow[] {
  const { profile, address, transport, ca, serverName, token, clientCertificate, clientKey } = settings;
  const { namespace, principal, timeoutMs } = settings;
  const rows: (SettingRow | undefined)[] = [
    row('profile', profile, String),
    row('address', address, String),
    row('transport', transport, String),
    row('ca', ca, String),
    row('serverName', serverName, String),
    row('token', token, describeToken),
    row('clientCertificate', clientCertificate, String),
    row('clientKey', clientKey, String),
    row('namespace', namespace, String),
    row('principal', principal, String),
    row('timeout', timeoutMs, (ms) => `${ms / 1000} s`),
  ];
  return rows.filter((each) => each !== undefined);
}

function row<T>(
  setting: string,
  given: Setting<T> | undefined,
  describe: (value: T) => string,
): SettingRow | undefined {
  return given && { setting, value: describe(given.value), origin: given.origin, name: given.name };
}

export function describeToken({ kind, value }: TokenSetting): string {
  if (kind === 'text') return '(given, not shown)';
  return kind === 'file' ? `file ${value}` : `command ${value}`;
}
