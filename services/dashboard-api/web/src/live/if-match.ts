/** Only what this page has looked at is changed: of two who change the same, the later one is told (CHANGED_MEANWHILE). */
export const ifMatch = (version: string | undefined): { readonly headers?: Readonly<Record<string, string>> } =>
  version === undefined ? {} : { headers: { 'if-match': `"${version}"` } };
