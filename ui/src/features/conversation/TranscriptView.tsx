import { memo, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Entry, inTurns } from './transcript.ts';

type Props = { entries: readonly Entry[] };

const NEAR_END_PX = 80;
const NAMES = { user: 'transcript.you', assistant: 'transcript.assistant', operator: 'transcript.operator' } as const;

/** Both sides, as they are said. Follows the newest words unless the reader has scrolled up. */
export function TranscriptView({ entries }: Props) {
  const { t } = useTranslation();
  const log = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const newest = entries.at(-1);

  // biome-ignore lint/correctness/useExhaustiveDependencies: new words are the reason to scroll, not an input.
  useEffect(() => {
    const list = log.current;
    if (list && following.current) list.scrollTop = list.scrollHeight;
  }, [newest?.text, entries.length]);

  // Flights that come take room from it: the newest words stay in sight.
  useEffect(() => {
    const list = log.current;
    if (!list || !('ResizeObserver' in window)) return;
    const observer = new ResizeObserver(() => {
      if (following.current) list.scrollTop = list.scrollHeight;
    });
    observer.observe(list);
    return () => observer.disconnect();
  }, []);

  return (
    <div
      ref={log}
      className="transcript"
      role="log"
      // Words that grow would be read out from the beginning with each of them: what is complete is told elsewhere.
      aria-live="off"
      aria-label={t('transcript.title')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
      tabIndex={0}
      onScroll={({ currentTarget: list }) => {
        following.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
      }}
    >
      <ol>
        {inTurns(entries).map((entry) => (
          <Said key={entry.id} entry={entry} />
        ))}
      </ol>
    </div>
  );
}

/** Drawn again when its own words change, not with every word of another. */
const Said = memo(function Said({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  return (
    <li className={`said ${entry.side}`} data-final={entry.final}>
      <span className="who">{t(NAMES[entry.side])}</span>
      <p lang={entry.language || undefined} dir="auto">
        {entry.text}
        {entry.interrupted && (
          <>
            {' …'}
            <span className="sr-only"> ({t('transcript.interrupted')})</span>
          </>
        )}
      </p>
      {entry.delivery === 'queued' && <span className="delivery">{t('transcript.queued')}</span>}
      {entry.delivery === 'failed' && <span className="delivery error">{t('transcript.failed')}</span>}
    </li>
  );
});
