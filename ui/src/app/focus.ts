/** Focus over every change of what is shown: who works by keys or has the page read out is never dropped at its top. */

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex]';
/** Where each view begins, the most telling first. */
const LANDINGS = ['.results-header h2', '.failure h2', '.ended', '#talk-title', 'main h1'];

const usable = (element: HTMLElement): boolean =>
  !element.matches(':disabled, [hidden] *, [type=hidden]') && element.getClientRects().length > 0;

function land(element: HTMLElement): void {
  if (!element.matches(FOCUSABLE)) element.tabIndex = -1;
  element.focus();
}

/** What stands nearest to where the focus was, or the beginning of the view. */
function landing(root: HTMLElement, around: readonly Element[], form: Element | null): HTMLElement | undefined {
  // A form that is gone has done its work: what came of it is elsewhere.
  const near = form && !form.isConnected ? [] : around.filter((element) => element.isConnected);
  for (const element of near) {
    const found = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].find(usable);
    if (found) return found;
  }
  return (
    LANDINGS.map((where) => root.querySelector<HTMLElement>(where)).find((found) => found?.isConnected) ?? undefined
  );
}

/** Keeps the focus in `root` until the returned function is called. */
export function keepFocus(root: HTMLElement): () => void {
  const scope = root.getRootNode() as Document | ShadowRoot;
  let last: HTMLElement | null = null;
  let form: Element | null = null;
  let around: Element[] = [];

  const onFocus = (event: Event): void => {
    const [target] = event.composedPath();
    if (!(target instanceof HTMLElement)) return;
    last = target;
    form = target.closest('form');
    around = [];
    for (let each = target.parentElement; each && !each.matches('main, header'); each = each.parentElement)
      around.push(each);
  };
  // Whoever leaves of their own accord is not called back; what is being taken away is still there at this moment.
  const onBlur = (): void => {
    const left = last;
    setTimeout(() => {
      if (left === last && left?.isConnected && !left.matches(':disabled') && scope.activeElement !== left) last = null;
    });
  };
  const observer = new MutationObserver(() => {
    const elsewhere = scope.activeElement !== null && scope.activeElement !== document.body;
    if (!last || last.isConnected || elsewhere) return;
    const found = landing(root, around, form);
    if (!found) return; // The next view is still on its way.
    last = null;
    land(found);
  });
  root.addEventListener('focusin', onFocus);
  root.addEventListener('focusout', onBlur);
  observer.observe(root, { childList: true, subtree: true });
  return () => {
    root.removeEventListener('focusin', onFocus);
    root.removeEventListener('focusout', onBlur);
    observer.disconnect();
  };
}
