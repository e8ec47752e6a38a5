import { act, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Desk } from '@/desk/Desk.tsx';
import { credentialOf, type SignedIn } from '@/desk/signed.ts';

const signed = (token: string, ends: number | null): SignedIn => ({
  kind: 'oidc',
  token,
  ends,
  refresh: `refresh-of-${token}`,
  hint: null,
});

it('a token is renewed before its end, once for all who ask meanwhile', async () => {
  let finish: (fresh: SignedIn) => void = () => undefined;
  const renew = vi.fn(() => new Promise<SignedIn>((resolve) => (finish = resolve)));
  const onRenewed = vi.fn();
  const credential = credentialOf(signed('old', Date.now() + 10_000), renew, onRenewed);
  const asked = Promise.all([credential(), credential(), credential()]);
  finish(signed('fresh', Date.now() + 600_000));
  expect(await asked).toEqual(['fresh', 'fresh', 'fresh']);
  expect(await credential()).toBe('fresh');
  expect(renew).toHaveBeenCalledTimes(1);
  expect(onRenewed).toHaveBeenCalledTimes(1);
});

it('a token that lives, or that nobody can renew, is asked with as it is', async () => {
  const renew = vi.fn(async () => {
    throw new Error('away');
  });
  const first = signed('lives', Date.now() + 600_000);
  expect(await credentialOf(first, renew, () => undefined)()).toBe('lives');
  expect(await credentialOf({ kind: 'key', token: 'plg_x' }, renew, () => undefined)()).toBe('plg_x');
  expect(renew).not.toHaveBeenCalled();
  const ending = credentialOf(signed('ended', Date.now() - 1), renew, () => undefined);
  expect([await ending(), await ending()]).toEqual(['ended', 'ended']);
  // A renewal that failed is tried again with the next question.
  expect(renew).toHaveBeenCalledTimes(2);
});

const answers: Record<string, { status: number; body: unknown }> = {};

beforeEach(() => {
  for (const path of Object.keys(answers)) delete answers[path];
  answers['/v1/desk/sign-in'] = { status: 200, body: { oidc: null } };
  vi.stubGlobal('fetch', async (path: string) => {
    const answer = answers[path.split('?')[0] ?? ''] ?? {
      status: 401,
      body: { type: 'x', title: 'Unauthorised', status: 401, detail: 'Authorization: the token was refused.' },
    };
    return new Response(JSON.stringify(answer.body), { status: answer.status });
  });
  sessionStorage.setItem('polyglot.desk-signed', JSON.stringify({ kind: 'key', token: 'plg_kept' }));
});
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
  history.replaceState(null, '', '/');
});

it('what was kept in the tab opens the desk again, and is gone when the API takes it no more', async () => {
  answers['/v1/desk/caller'] = { status: 200, body: { kind: 'key', tenant: 'acme', scopes: ['manage'] } };
  answers['/v1/keys'] = { status: 200, body: { keys: [] } };
  render(<Desk />);
  expect(await screen.findByRole('heading', { name: 'Keys' })).toBeTruthy();
  expect(screen.getByText('key, tenant acme')).toBeTruthy();
  expect(screen.queryByRole('link', { name: 'Calls' })).toBeNull();
  delete answers['/v1/keys'];
  act(() => screen.getByRole('link', { name: 'Privacy' }).click());
  expect(await screen.findByText('Your sign-in has ended. Please sign in again.')).toBeTruthy();
  expect(sessionStorage.length).toBe(0);
});

it('a credential that is not taken any more at the start is not kept', async () => {
  render(<Desk />);
  expect(await screen.findByText('Authorization: the token was refused.')).toBeTruthy();
  await waitFor(() => expect(sessionStorage.length).toBe(0));
});

it('an answer of a provider that this deployment does not have opens nothing', async () => {
  sessionStorage.clear();
  history.replaceState(null, '', '/desk/?code=planted&state=planted');
  render(<Desk />);
  const button = await screen.findByRole('button', { name: 'Open the desk' });
  await waitFor(() => expect(button.hasAttribute('disabled')).toBe(false));
  expect(sessionStorage.length).toBe(0);
});
