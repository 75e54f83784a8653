/** What goes to a browser by Web Push (RFC 8030, RFC 8291), in clear before it is encrypted for that browser alone. */
export interface PushNotice {
  readonly title: string;
  readonly body: string;
  /** Notices with the same take each other's place. */
  readonly tag: string;
  /** The page that it leads to: `/incidents/…`. */
  readonly path: string;
  /** It stays until it is touched. */
  readonly urgent: boolean;
  /** It rings although it takes another's place. */
  readonly again: boolean;
}

export const PUSH_PURPOSE = 'push-browsers';

/** A browser that a person has asked to be told on. */
export interface PushSubscriber {
  /** Of our own; the address is a secret of the person. */
  readonly id: string;
  readonly person: string;
  readonly endpoint: string;
  /** The browser's public key, uncompressed P-256 in base64url. */
  readonly p256dh: string;
  /** 16 bytes in base64url. */
  readonly auth: string;
}

/** The push services of the browsers there are; others only where site.yaml names them: an address that a browser sends is not to lead anywhere. */
export const PUSH_SERVICES: readonly string[] = [
  'fcm.googleapis.com',
  'jmt17.google.com',
  'updates.push.services.mozilla.com',
  '*.push.services.mozilla.com',
  '*.notify.windows.com',
  '*.push.apple.com',
];

/** `*.example.com` is every name under it, not itself. */
export function isPushService(endpoint: string, services: readonly string[]): boolean {
  const url = URL.parse(endpoint);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  return services.some((service) =>
    service.startsWith('*.') ? url.hostname.endsWith(service.slice(1)) : url.host === service,
  );
}

export interface PushBrowserView {
  readonly id: string;
  readonly name: string;
  readonly since: string;
}

export interface PushResponse {
  /** Null: site.yaml has no channel of kind `web-push`. */
  readonly publicKey: string | null;
  /** One of the person's ways in people.yaml is such a channel: otherwise nothing is sent there. */
  readonly routed: boolean;
  readonly browsers: readonly PushBrowserView[];
}
