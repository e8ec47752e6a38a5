import type { TFunction } from 'i18next';
import { type RefObject, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type News, newsOf } from '@/features/conversation/news.ts';
import { never } from '@/features/conversation/phases.ts';
import { stageOf } from '@/features/conversation/selectors.ts';
import { type Action, initialState, type State } from '@/features/conversation/state.ts';
import type { Store } from '@/lib/store.ts';

/** As long as it takes to be read out; what was told is not found again by who goes through the page. */
const TOLD_MS = 7000;

function wordsOf(news: News, t: TFunction): string {
  switch (news.kind) {
    case 'status':
      return t(`status.${news.status}`);
    case 'found':
      return countOf(news.shown, news.total, t);
    case 'undelivered':
      return t('transcript.failed');
    case 'said': {
      const { side, text, interrupted } = news.entry;
      const name = side === 'operator' ? `${t('transcript.operator')}: ` : '';
      return `${name}${text}${interrupted ? ` … (${t('transcript.interrupted')})` : ''}`;
    }
    default:
      return never(news);
  }
}

function countOf(shown: number, total: number, t: TFunction): string {
  if (shown === 0) return t('results.none');
  return total > shown ? t('results.shown', { shown, total }) : t('results.count', { count: shown });
}

/** Tells what is news in `where`, a live region that was there before anything happened. */
export function useNews(store: Store<State, Action>, captions: boolean, where: RefObject<HTMLElement | null>): void {
  const { t } = useTranslation();
  const latest = useRef({ t, captions });
  latest.current = { t, captions };
  useEffect(() => {
    const region = where.current;
    if (!region) return;
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const tell = (news: News): void => {
      const line = document.createElement('p');
      if (news.kind === 'said' && news.entry.language) line.lang = news.entry.language;
      line.textContent = wordsOf(news, latest.current.t);
      region.append(line);
      const over = setTimeout(() => {
        timers.delete(over);
        line.remove();
      }, TOLD_MS);
      timers.add(over);
    };
    // What brought the room is news as well; a page that was loaded again is not.
    const now = store.state();
    let before: State = stageOf(now) === 'ended' ? now : { ...initialState, entries: now.entries };
    const follow = (): void => {
      const after = store.state();
      for (const news of newsOf(before, after, latest.current.captions)) tell(news);
      before = after;
    };
    follow();
    const stop = store.subscribe(follow);
    return () => {
      stop();
      for (const timer of timers) clearTimeout(timer);
      region.replaceChildren();
    };
  }, [store, where]);
}
