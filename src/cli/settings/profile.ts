/** One way to reach a service, as the profile file keeps it. Paths are as written: relative to the file. */
export interface Profile {
  readonly address?: string;
  readonly ca?: string;
  readonly serverName?: string;
  readonly transport?: string;
  readonly tokenFile?: string;
  readonly tokenCommand?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly namespace?: string;
  readonly principal?: string;
  readonly timeoutSeconds?: number;
}

export type ProfileKey = keyof Profile;

/** What each key of a profile means; the order is that in which they are shown. */
export const profileKeys: Readonly<Record<ProfileKey, string>> = {
  address: 'URL of the service',
  transport: 'auto, h3, h2 or h1',
  ca: 'file of the authorities that are trusted, PEM',
  serverName: "name to be found in the service's certificate",
  tokenFile: 'file with the token',
  tokenCommand: 'command that prints the token',
  clientCertificate: 'file of the client certificate, PEM',
  clientKey: 'file of its key, PEM',
  namespace: 'namespace where a command needs one and none is named',
  principal: 'who asks, with a --dev service',
  timeoutSeconds: 'how long to wait for an answer',
};

export function isProfileKey(key: string): key is ProfileKey {
  return Object.hasOwn(profileKeys, key);
}

/** What is read of the profile file. */
export interface ProfileFile {
  readonly current?: string;
  readonly profiles: ReadonlyMap<string, Profile>;
}
