import type { InfluxOptions } from './influx-options.ts';

/** Takes our credentials out of what a server or a proxy repeats of them: nothing else goes into messages, logs and files. */
export type HideSecrets = (text: string) => string;

export function hideSecrets({
  user = '',
  password,
  token,
}: Pick<InfluxOptions, 'user' | 'password' | 'token'>): HideSecrets {
  const revealed = [password, token].flatMap((secret) => (secret === undefined ? [] : [secret.reveal()]));
  const basic = password === undefined ? [] : [Buffer.from(`${user}:${password.reveal()}`, 'utf8').toString('base64')];
  // Shorter ones stand in any text.
  const secrets = [...basic, ...revealed].filter((secret) => secret.length >= 4);
  return (text) => secrets.reduce((clean, secret) => clean.replaceAll(secret, '<secret>'), text);
}
