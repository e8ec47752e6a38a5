import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { type Ask, asking, type Fetch, fetching, type SignIn, signInSchema, type Who, whoSchema } from './api.ts';
import { isAnswerHere, provider } from './provider.ts';
import { credentialOf, forgetSigned, keepSigned, recallSigned, type Signed } from './signed.ts';
import { wordsOf } from './useLoaded.ts';

export type Entrance = {
  /** How one may sign in; null: not known yet. */
  ways: SignIn | null;
  /** The credential is being checked, or the provider's answer. */
  busy: boolean;
  problem: string | null;
  byKey: (key: string) => void;
  byProvider: () => void;
};

export type AtDesk = { ask: Ask; fetchFile: Fetch; who: Who; signOut: () => void };

/** Signing in and out, and the questions of whoever is in. */
export function useSigned(): { entrance: Entrance; desk: AtDesk | null } {
  const [ways, setWays] = useState<SignIn | null>(null);
  const [signed, setSigned] = useState<Signed | null>(recallSigned);
  const [who, setWho] = useState<Who | null>(null);
  const [busy, setBusy] = useState(() => signed !== null || isAnswerHere());
  const [problem, setProblem] = useState<string | null>(null);
  const begun = useRef(false);

  const leave = useCallback((why: string | null): void => {
    forgetSigned();
    setSigned(null);
    setWho(null);
    setBusy(false);
    setProblem(why);
  }, []);

  const attempt = useCallback(async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof Error && error.name === 'SignInError' ? error.message : wordsOf(error));
      setBusy(false);
    }
  }, []);

  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void attempt(async () => {
      const found = await asking(null)(signInSchema, '/v1/desk/sign-in');
      setWays(found);
      if (found.oidc && isAnswerHere()) {
        const answer = new URLSearchParams(location.search);
        // The code is of no more use to anybody who reads the address.
        history.replaceState(null, '', location.pathname);
        const { signed: fresh, back } = await (await provider()).finish(found.oidc, answer);
        history.replaceState(null, '', back);
        setSigned(fresh);
      } else if (recallSigned() === null) setBusy(false);
    });
  }, [attempt]);

  const questions = useMemo(() => {
    if (!signed) return null;
    const oidc = ways?.oidc;
    const credential = credentialOf(
      signed,
      async (old) => {
        if (!oidc) return old;
        return (await provider()).renew(oidc, old);
      },
      keepSigned,
    );
    const ask = asking(credential, () => leave('Your sign-in has ended. Please sign in again.'));
    return { ask, fetchFile: fetching(credential) };
  }, [signed, ways, leave]);

  useEffect(() => {
    if (!signed || !questions || who || !ways) return;
    void attempt(async () => {
      try {
        setWho(await questions.ask(whoSchema, '/v1/desk/caller'));
        keepSigned(signed);
      } catch (error) {
        leave(null);
        throw error;
      } finally {
        setBusy(false);
      }
    });
  }, [signed, questions, who, ways, attempt, leave]);

  async function out(): Promise<void> {
    const last = signed;
    leave(null);
    if (last?.kind !== 'oidc' || !ways?.oidc) return;
    const end = await (await provider()).endOf(ways.oidc, last).catch(() => null);
    if (end) location.assign(end);
  }

  return {
    entrance: {
      ways,
      busy,
      problem,
      byKey: (token) => setSigned({ kind: 'key', token }),
      byProvider: () =>
        void attempt(async () => {
          if (!ways?.oidc) return;
          location.assign(await (await provider()).begin(ways.oidc, location.pathname + location.search));
        }),
    },
    desk: questions && who ? { ...questions, who, signOut: () => void out() } : null,
  };
}
