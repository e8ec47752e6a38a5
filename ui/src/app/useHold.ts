import { useEffect } from 'react';
import { isHere } from '@/lib/home.ts';

/** What takes the space bar for itself. */
const TAKES_SPACE = 'input, textarea, select, button, a, summary, [contenteditable]';

/** The space bar holds the microphone open, wherever it means nothing else. */
export function useHold(active: boolean, hold: (open: boolean) => void): void {
  useEffect(() => {
    if (!active) return;
    const down = (event: KeyboardEvent): void => {
      if (event.code !== 'Space' || event.repeat || event.isComposing || !isHere(event)) return;
      // Within a widget the event's own target is the whole widget.
      const [at] = event.composedPath();
      if (at instanceof Element && at.closest(TAKES_SPACE)) return;
      event.preventDefault();
      hold(true);
    };
    const up = (event: KeyboardEvent): void => {
      if (event.code === 'Space') hold(false);
    };
    const away = (): void => hold(false);
    window.addEventListener('keydown', down);
    window.addEventListener('keyup', up);
    window.addEventListener('blur', away);
    return () => {
      window.removeEventListener('keydown', down);
      window.removeEventListener('keyup', up);
      window.removeEventListener('blur', away);
      hold(false);
    };
  }, [active, hold]);
}
