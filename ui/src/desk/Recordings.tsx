import { useEffect, useState } from 'react';
import type { Fetch, Recording } from './api.ts';
import { length, Problem } from './parts.tsx';
import { wordsOf } from './useLoaded.ts';

type Props = { call: string; recordings: readonly Recording[]; fetchFile: Fetch };

/** The sound of a call whose traveller agreed to that; nothing where there is none. */
export function Recordings({ call, recordings, fetchFile }: Props) {
  if (recordings.length === 0) return null;
  return (
    <>
      <h2>Recording</h2>
      <ul className="rows">
        {recordings.map((one) => (
          <li key={one.id}>
            <span>
              <span className={one.state === 'failed' ? 'tag bad' : 'tag'}>{one.state}</span> {length(one.seconds)}
            </span>
            <span className="muted small">{one.error ?? one.location}</span>
            {one.state === 'complete' && (
              <Sound path={`/v1/calls/${encodeURIComponent(call)}/recordings/${one.id}/audio`} fetchFile={fetchFile} />
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Fetched when somebody wants to hear it: that somebody did is written into the record of the call. */
function Sound({ path, fetchFile }: { path: string; fetchFile: Fetch }) {
  const [url, setUrl] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => () => (url === null ? undefined : URL.revokeObjectURL(url)), [url]);

  async function hear(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      setUrl(URL.createObjectURL(await fetchFile(path)));
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  }

  if (url !== null) {
    // biome-ignore lint/a11y/useMediaCaption: what is said stands in the timeline below, where it was kept.
    return <audio src={url} controls autoPlay aria-label="Recording of the call" />;
  }
  return (
    <span className="controls">
      <button type="button" className="button small" disabled={busy} onClick={() => void hear()}>
        Listen
      </button>
      <Problem>{problem}</Problem>
    </span>
  );
}
