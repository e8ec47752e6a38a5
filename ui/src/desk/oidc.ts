/**
 * Signing in by the deployment's identity provider: authorization code with PKCE, no secret, by a certified library.
 * Fetched when somebody signs in so. What has begun is kept in this tab until the provider sends the browser back.
 */
import * as oauth from 'oauth4webapi';
import * as z from 'zod/mini';
import { forget, keep, recall } from '@/lib/tab.ts';
import type { OidcSignIn } from './api.ts';
import type { SignedIn } from './signed.ts';

const PENDING = 'desk-oidc';
const TIMEOUT_MS = 15_000;
const pendingSchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), back: z.string() });

/** What went wrong, in words for an operator; never the provider's own, which may hold a code or a token. */
export class SignInError extends Error {
  override name = 'SignInError';
}

const redirect = (): string => `${location.origin}/desk/`;
const options = (config: OidcSignIn) => ({
  // The API's settings take http for addresses of this machine alone.
  [oauth.allowInsecureRequests]: config.issuer.startsWith('http://'),
  signal: AbortSignal.timeout(TIMEOUT_MS),
});
const clientOf = (config: OidcSignIn): oauth.Client => ({ client_id: config.client_id });

async function discover(config: OidcSignIn): Promise<oauth.AuthorizationServer> {
  try {
    const issuer = new URL(config.issuer);
    return await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options(config)));
  } catch {
    throw new SignInError('The identity provider does not answer, or not as one.');
  }
}

/** Where to send the browser to sign in; `back` is the desk's address that it shall come back to. */
export async function begin(config: OidcSignIn, back: string): Promise<string> {
  const { authorization_endpoint } = await discover(config);
  if (!authorization_endpoint) throw new SignInError('The identity provider names no page to sign in at.');
  const verifier = oauth.generateRandomCodeVerifier();
  const pending = { state: oauth.generateRandomState(), nonce: oauth.generateRandomNonce(), verifier, back };
  keep(PENDING, pending);
  const url = new URL(authorization_endpoint);
  for (const [name, value] of Object.entries({
    client_id: config.client_id,
    redirect_uri: redirect(),
    response_type: 'code',
    scope: config.scopes,
    // Auth0's name for whom the access token shall be for; others pass over it.
    audience: config.audience,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }))
    url.searchParams.set(name, value);
  return url.href;
}

/** Makes a sign-in of a provider's answer, once. Throws SignInError. */
export async function finish(config: OidcSignIn, params: URLSearchParams): Promise<{ signed: SignedIn; back: string }> {
  const pending = recall(PENDING, pendingSchema);
  forget(PENDING);
  if (!pending) throw new SignInError('This sign-in was not begun in this tab. Please sign in again.');
  const server = await discover(config);
  const client = clientOf(config);
  try {
    const answer = oauth.validateAuthResponse(server, client, params, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      answer,
      redirect(),
      pending.verifier,
      options(config),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: pending.nonce,
      requireIdToken: true,
    });
    return { signed: signedOf(config, tokens, null), back: pending.back };
  } catch (error) {
    throw worded(error);
  }
}

/** Another token for one that ends. Throws SignInError. */
export async function renew(config: OidcSignIn, old: SignedIn): Promise<SignedIn> {
  const server = await discover(config);
  const client = clientOf(config);
  try {
    const asked = oauth.refreshTokenGrantRequest(server, client, oauth.None(), old.refresh ?? '', options(config));
    return signedOf(config, await oauth.processRefreshTokenResponse(server, client, await asked), old);
  } catch (error) {
    throw worded(error);
  }
}

/** Where to send the browser to sign out there too; null where the provider has no such page. */
export async function endOf(config: OidcSignIn, signed: SignedIn): Promise<string | null> {
  const { end_session_endpoint } = await discover(config);
  if (!end_session_endpoint) return null;
  const url = new URL(end_session_endpoint);
  url.searchParams.set('client_id', config.client_id);
  url.searchParams.set('post_logout_redirect_uri', redirect());
  if (signed.hint) url.searchParams.set('id_token_hint', signed.hint);
  return url.href;
}

/** The token that is for this deployment: the access token, or the ID token where access tokens are opaque. */
function signedOf(config: OidcSignIn, tokens: oauth.TokenEndpointResponse, old: SignedIn | null): SignedIn {
  const hint = tokens.id_token ?? old?.hint ?? null;
  const token = [tokens.access_token, tokens.id_token].find((one) => one && isFor(one, config.audience));
  if (!token) {
    throw new SignInError(
      `The identity provider’s tokens are not for this deployment: “aud” must be ${config.audience}.`,
    );
  }
  return {
    kind: 'oidc',
    token,
    ends: endOfToken(token) ?? (tokens.expires_in === undefined ? null : Date.now() + tokens.expires_in * 1000),
    refresh: tokens.refresh_token ?? old?.refresh ?? null,
    hint,
  };
}

const claimsSchema = z.object({
  aud: z.optional(z.union([z.string(), z.array(z.string())])),
  exp: z.optional(z.number()),
});

/** What a token says of itself. Nobody believes it here: the API checks its signature. */
function claimsOf(token: string): z.infer<typeof claimsSchema> | null {
  try {
    const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    return claimsSchema.parse(JSON.parse(atob(body)));
  } catch {
    return null;
  }
}

function isFor(token: string, audience: string): boolean {
  const aud = claimsOf(token)?.aud;
  return Array.isArray(aud) ? aud.includes(audience) : aud === audience;
}

function endOfToken(token: string): number | null {
  const exp = claimsOf(token)?.exp;
  return exp === undefined ? null : exp * 1000;
}

function worded(error: unknown): SignInError {
  if (error instanceof SignInError) return error;
  if (error instanceof oauth.AuthorizationResponseError) {
    return new SignInError(
      error.error === 'access_denied'
        ? 'The identity provider did not let you in.'
        : 'The identity provider refused the sign-in: the desk’s client is not set up there as it must be.',
    );
  }
  if (error instanceof oauth.ResponseBodyError) {
    return new SignInError('The identity provider refused the sign-in. Please sign in again.');
  }
  return new SignInError('The identity provider’s answer was not one that can be trusted, or there was none.');
}
