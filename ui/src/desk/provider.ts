/** The identity provider's side, fetched only where somebody signs in by it. */
export const provider = () => import('./oidc.ts');

/** Whether this address is one that a provider sent the browser back to. */
export function isAnswerHere(): boolean {
  const params = new URLSearchParams(location.search);
  return params.has('state') && (params.has('code') || params.has('error'));
}
