import { useEffect } from 'react';
import { isHere } from '@/lib/home.ts';

/** What takes the space bar for itself: what is pressed or written in by it, and what scrolls by it. */
const TAKES_SPACE = 'input, textarea, select, button, a, summary, video, [contenteditable], [tabindex="0"]';

/** With one of these it is a key of the system, of an input method or of a screen reader. */
const isPlain = (event: KeyboardEvent): boolean =>
  !(event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.isComposing || event.defaultPrevented);

/** The space bar holds the microphone open, wherever it means nothing else. */
export function useHold(active: boolean, hold: (open: boolean) => void): void {
  useEffect(() => {
    if (!active) return;
    let held = false;
    const down = (event: KeyboardEvent): void => {
      if (event.code !== 'Space' || !isPlain(event) || !isHere(event)) return;
      // Within a widget the event's own target is the whole widget.
      const [at] = event.composedPath();
      if (at instanceof Element && at.closest(TAKES_SPACE)) return;
      event.preventDefault(); // The page does not scroll by it, however long it is held.
      if (event.repeat) return;
      held = true;
      hold(true);
    };
    const away = (): void => {
      held = false;
      hold(false);
    };
    // What is written elsewhere is no key of the microphone's.
    const up = (event: KeyboardEvent): void => {
      if (event.code === 'Space' && held) away();
    };
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
