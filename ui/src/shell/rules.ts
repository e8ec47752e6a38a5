/** What the service worker may answer by itself: the files of the page, and nothing that anybody said or found. */

export type Answered = 'page' | 'file' | null;

/** How a request is answered: the page's HTML, one of its files, or not at all. */
export function answeredBy(method: string, mode: string, url: URL, origin: string, files: readonly string[]): Answered {
  if (method !== 'GET' || url.origin !== origin) return null;
  if (url.pathname.startsWith('/assets/')) return 'file';
  if (files.includes(url.pathname)) return 'file';
  // What an e-mail's link leads to is a page of the API: it is only said that it cannot be had.
  return mode === 'navigate' ? 'page' : null;
}

/** Addresses at which the page itself stands; any other has only the words that there is no connection. */
export const isPage = (path: string): boolean => path === '/' || !/^\/(desk|v1|api|openapi)\b/.test(path);

export type OfflineTexts = { title: string; text: string; retry: string; dir: 'ltr' | 'rtl' };

const asText = (text: string): string => text.replace(/[&<>"]/g, (found) => `&#${found.charCodeAt(0)};`);

/** A page that needs nothing else. */
export function offlinePage(language: string, { title, text, retry, dir }: OfflineTexts): string {
  return `<!doctype html><html lang="${language}" dir="${dir}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><title>${asText(title)}</title><style>body{font:1rem/1.5 system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;margin:0;padding:1.5rem;background:light-dark(#f7f6f2,#111413);color:light-dark(#17201e,#edf1ef)}main{max-width:28rem}a{display:inline-block;padding:.75rem 1.5rem;border-radius:99rem;background:light-dark(#0b6a60,#5fd3c2);color:light-dark(#fff,#04231f)}</style></head><body><main><h1>${asText(title)}</h1><p>${asText(text)}</p><p><a href="">${asText(retry)}</a></p></main></body></html>`;
}
