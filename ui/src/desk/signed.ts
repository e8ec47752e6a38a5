/** Who is signed in at the desk: a key, or somebody of the identity provider. Kept in this tab alone. */
import * as z from 'zod/mini';
import { forget, keep, recall } from '@/lib/tab.ts';

const KEPT = 'desk-signed';

const keySchema = z.object({ kind: z.literal('key'), token: z.string() });
const oidcSchema = z.object({
  kind: z.literal('oidc'),
  token: z.string(),
  /** Milliseconds since 1970; null: the provider did not say. */
  ends: z.nullable(z.number()),
  refresh: z.nullable(z.string()),
  /** What the provider wants to see again when somebody signs out. */
  hint: z.nullable(z.string()),
});
const signedSchema = z.union([keySchema, oidcSchema]);
export type Signed = z.infer<typeof signedSchema>;
export type SignedIn = z.infer<typeof oidcSchema>;

export const recallSigned = (): Signed | null => recall(KEPT, signedSchema);
export const keepSigned = (signed: Signed): void => keep(KEPT, signed);
export const forgetSigned = (): void => forget(KEPT);

/** Renewed so long before its end, so that no question is asked with a token that ends on its way. */
const EARLY_MS = 30_000;

/**
 * The credential for the next question, renewed where it is about to end. Questions that are asked at once wait for one
 * renewal: a provider that replaces refresh tokens takes the second use of one for theft.
 */
export function credentialOf(
  first: Signed,
  renew: (signed: SignedIn) => Promise<SignedIn>,
  onRenewed: (signed: SignedIn) => void,
): () => Promise<string> {
  let signed = first;
  let renewing: Promise<void> | null = null;
  async function again(old: SignedIn): Promise<void> {
    try {
      const fresh = await renew(old);
      signed = fresh;
      onRenewed(fresh);
    } finally {
      renewing = null;
    }
  }
  return async () => {
    if (signed.kind === 'oidc' && signed.refresh && signed.ends !== null && signed.ends - EARLY_MS < Date.now()) {
      renewing ??= again(signed);
      // Not renewed: the old one is asked with, and the API says that it has ended.
      await renewing.catch(() => undefined);
    }
    return signed.token;
  };
}
