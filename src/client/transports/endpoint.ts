/** Where a service is, and what proves that it is the one. */
export interface Endpoint {
  /** `https://127.0.0.1:7443`. */
  readonly origin: string;
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether there is TLS; without it only HTTP/2 with prior knowledge and HTTP/1.1 can be spoken. */
  readonly secure: boolean;
  /** Authorities that are trusted, PEM; absent: those of the system. */
  readonly ca?: string;
  /** Name to be found in the certificate, instead of the host. */
  readonly serverName?: string;
  readonly clientCertificate?: ClientCertificateFiles;
}

/** PEM texts. */
export interface ClientCertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export type EndpointOptions = Pick<Endpoint, 'ca' | 'serverName' | 'clientCertificate'>;

/** @param address an `http://` or `https://` URL; what follows the port is left away */
export function createEndpoint(address: string, options: EndpointOptions = {}): Endpoint {
  const url = new URL(address);
  const secure = url.protocol === 'https:';
  return {
    ...options,
    origin: url.origin,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    secure,
  };
}
