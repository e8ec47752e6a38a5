/**
 * The service worker: the page opens without a network, in the words of its reader. It keeps files of the page and
 * nothing else: no answer of the API, no token. A new build brings a new worker with a cache of its own, which takes over
 * with the next load; until then the old one goes on with what it has.
 */
import { preferredLanguage } from '@/i18n/languages.ts';
import { answeredBy, isPage, type OfflineTexts, offlinePage } from './rules.ts';

/** Put in when it is built: a hash of the build, what its first screen is made of, and the words for being offline. */
declare const __SHELL__: { version: string; files: string[]; texts: Record<string, OfflineTexts> };

const scope = self as unknown as ServiceWorkerGlobalScope;
const { version, files, texts } = __SHELL__;
const OURS = 'polyglot-';
const CACHE = `${OURS}${version}`;
const HTML = '/';
/** Under this name stands the language that the page was last read in. */
const LANGUAGE = '/language';

scope.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      // The server's own root is the page only for who asks for HTML.
      cache.addAll([new Request(HTML, { headers: { Accept: 'text/html' }, cache: 'no-cache' }), ...files]),
    ),
  );
});

async function begin(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
  }
  // The network is asked while the worker is still waking up.
  await scope.registration.navigationPreload?.enable();
  await scope.clients.claim();
}

scope.addEventListener('activate', (event) => event.waitUntil(begin()));

type Said = { type: 'go-on' } | { type: 'keep'; language: string; urls: string[] };

async function keep({ language, urls }: Extract<Said, { type: 'keep' }>): Promise<void> {
  const cache = await caches.open(CACHE);
  const own = urls.filter((url) => answeredBy('GET', '', new URL(url), scope.location.origin, []) === 'file');
  await Promise.all(own.map(async (url) => (await cache.match(url)) ?? cache.add(url)));
  // Last, because it says that all of the page is here.
  await cache.put(LANGUAGE, new Response(language));
}

scope.addEventListener('message', (event) => {
  const said = event.data as Said;
  if (said.type === 'go-on') event.waitUntil(scope.skipWaiting());
  else event.waitUntil(keep(said));
});

async function file(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.status === 200) await cache.put(request, answer.clone());
  return answer;
}

async function page(event: FetchEvent, path: string): Promise<Response> {
  try {
    const early = (await event.preloadResponse) as Response | undefined;
    return early ?? (await fetch(event.request));
  } catch {
    const cache = await caches.open(CACHE);
    const language = await (await cache.match(LANGUAGE))?.text();
    const shell = language && isPage(path) ? await cache.match(HTML, { ignoreVary: true }) : undefined;
    if (shell) return shell;
    const spoken = preferredLanguage(language ? [language] : navigator.languages);
    const words = texts[spoken];
    if (!words) return Response.error();
    return new Response(offlinePage(spoken, words), {
      status: 503,
      headers: { 'Content-Type': 'text/html; charset=utf-8' },
    });
  }
}

scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const answered = answeredBy(request.method, request.mode, url, scope.location.origin, files);
  if (answered === 'file') event.respondWith(file(request));
  if (answered === 'page') event.respondWith(page(event, url.pathname));
});
