import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { isTenantId } from '../domain/image.ts';
import type { Database } from '../postgres/connection.ts';
import { addTenantKey } from '../postgres/new-tenant.ts';

/** The event of a migration: empty, or with a tenant to make. What else is in it (a deploy's own fields) is passed over. */
export const migrateEvent = z
  .object({
    tenant: z.optional(
      z
        .string()
        .check(z.refine(isTenantId, 'must be 1-63 of a-z, 0-9 and -, beginning with a letter or digit')),
    ),
    keySha256: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 hex digits'))),
  })
  .check(
    z.refine((event) => event.keySha256 === undefined || event.tenant !== undefined, {
      error: 'a key needs a tenant',
      path: ['keySha256'],
    }),
  );

/** 256 random bits: nobody guesses it, so its hash needs no salt and no slowness. */
function newApiKey(): string {
  return `sluice_${randomBytes(32).toString('base64url')}`;
}

/**
 * Makes a tenant, where it is not there yet, and gives it a key: the one whose SHA-256 (hex, of the whole key) is
 * given, or a new one, which is answered here and never again.
 */
export async function makeTenant(
  database: Database,
  { tenant, keySha256 }: { tenant: string; keySha256?: string | undefined },
): Promise<{ tenant: string; apiKey?: string }> {
  const apiKey = keySha256 === undefined ? newApiKey() : undefined;
  const sha256 =
    keySha256 ??
    createHash('sha256')
      .update(apiKey ?? '')
      .digest('hex');
  await database.run((connection) => addTenantKey(connection, tenant, Buffer.from(sha256, 'hex')));
  return apiKey === undefined ? { tenant } : { tenant, apiKey };
}
