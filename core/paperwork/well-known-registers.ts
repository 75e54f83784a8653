/**
 * The only registers that the product itself writes to or asks by name; each is optional, and so is each field of it: what a site's own form does not
 * have is left out. All others are known by their declaration alone (config/registers/).
 */

/** Backups that the plans order enter themselves (O-REG-4). */
export const BACKUPS = {
  register: 'backup-upgrade',
  /** Field ids and the choices that are filled in. */
  fields: {
    kind: 'kind',
    device: 'device',
    what: 'what',
    result: 'result',
    detail: 'detail',
    at: 'done-at',
    by: 'done-by',
  },
  kind: 'backup',
  results: { ok: 'ok', failed: 'failed', cut: 'cut' },
} as const;

/** Confirmed at the weekly meeting (O-REG-6). */
export const REPAIRS = { register: 'repairs', confirm: 'confirm' } as const;

/** Change requests (O-CHG-1): listed in the report. */
export const CHANGES = { register: 'changes' } as const;
