/** What holds for as long as a call goes on. */

/** A phone that falls asleep would end a spoken call; a tab that was away has to ask again. */
function stayAwake(): () => void {
  if (!navigator.wakeLock) return () => undefined;
  let lock: WakeLockSentinel | undefined;
  let over = false;
  const take = (): void => {
    if (document.visibilityState !== 'visible') return;
    navigator.wakeLock.request('screen').then(
      (taken) => {
        if (over) void taken.release();
        else lock = taken;
      },
      () => undefined, // Refused, as when the battery is low.
    );
  };
  take();
  document.addEventListener('visibilitychange', take);
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', take);
    void lock?.release();
  };
}

/** One call a browser: two open microphones would hear each other's assistant. The newest one has it. */
function beTheOnlyOne(moved: () => void): () => void {
  if (!navigator.locks) return () => undefined;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  navigator.locks.request('polyglot.call', { steal: true }, () => held).catch(moved);
  return () => release();
}

/** Begins it; the returned function ends it. `call`: what is told that another tab has begun one. */
export function during(call: { moved: () => Promise<void> } | undefined): () => void {
  const ends = [stayAwake(), call ? beTheOnlyOne(() => void call.moved()) : () => undefined];
  return () => {
    for (const end of ends) end();
  };
}
