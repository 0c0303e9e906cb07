import type { Store } from '../../core/ports/store.ts';
import { keyFits } from './audit-chain.ts';

/** Null: the newest row of the audit log was written with this key, or there is none. Else what is wrong, in words. */
export async function auditKeyTrouble(store: Pick<Store, 'audit' | 'auditHead'>, key: string): Promise<string | null> {
  const { number } = await store.auditHead();
  if (number === 0) return null;
  const rows = await store.audit(Math.max(1, number - 1), 2);
  if (keyFits(rows, key)) return null;
  return (
    `row ${number} of the audit log was not written with this MLP_AUDIT_KEY, or was changed since: set the key that was used before ` +
    '(`npm run audit -- verify` says more); what is written from now on does not verify with the old one'
  );
}
