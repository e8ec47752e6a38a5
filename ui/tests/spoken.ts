/**
 * What a screen reader would say of live regions, by ARIA's own rules and the strictest reading of them: a region tells
 * what changes in it and not what it brings along, but for an alert; an atomic one is read as a whole.
 */

const LIVE = '[aria-live=polite], [aria-live=assertive], [role=status], [role=alert], [role=log]';

/** With a breath between what stands in elements of their own. */
function textOf(node: Node): string {
  const parts = node.nodeType === Node.TEXT_NODE ? [node.textContent] : [...node.childNodes].map(textOf);
  return parts.join(' ').replace(/\s+/g, ' ').trim();
}
const elementOf = (node: Node): Element | null => (node instanceof Element ? node : node.parentElement);

function regionOf(node: Node): Element | null {
  const region = elementOf(node)?.closest(LIVE) ?? null;
  return region?.getAttribute('aria-live') === 'off' || region?.closest('[hidden], [aria-hidden=true]') ? null : region;
}

/** A status and an alert are read as a whole, unless they say otherwise. */
const isAtomic = (region: Element): boolean =>
  region.getAttribute('aria-atomic') !== 'false' && region.matches('[role=status], [role=alert], [aria-atomic=true]');

/** With its language, where that is not the page's. */
function said(node: Node): string {
  const inner = node instanceof Element ? node.querySelector('[lang]') : null;
  const language = (inner ?? elementOf(node)?.closest('[lang]'))?.getAttribute('lang') ?? '';
  return language && language !== document.documentElement.lang ? `[${language}] ${textOf(node)}` : textOf(node);
}

const added = ({ type, target, addedNodes }: MutationRecord): Node[] =>
  type === 'characterData' ? [target] : [...addedNodes];

const alertsIn = (node: Node): Element[] =>
  node instanceof Element ? [node, ...node.querySelectorAll('*')].filter((each) => each.matches('[role=alert]')) : [];

/** Everything that is said from now on, in order; `heard()` hands out what is new. */
export function listen(): { heard: () => string[]; stop: () => void } {
  let news: string[] = [];
  const take = (records: MutationRecord[]): void => {
    const whole = new Set<Element>();
    for (const record of records) {
      const region = regionOf(record.target);
      if (added(record).length === 0) continue; // What goes away is not read out.
      if (region && isAtomic(region)) whole.add(region);
      else news.push(...added(record).flatMap((node) => (region ? [said(node)] : alertsIn(node).map(said))));
    }
    news.push(...[...whole].map(said));
    news = news.filter((text) => text.replace(/^\[.*\] ?/, '') !== '');
  };
  const observer = new MutationObserver(take);
  observer.observe(document.body, { childList: true, characterData: true, subtree: true });
  return {
    heard: () => {
      take(observer.takeRecords());
      const all = news;
      news = [];
      return all;
    },
    stop: () => observer.disconnect(),
  };
}
