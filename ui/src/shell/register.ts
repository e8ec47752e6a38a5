/** Keeps the page for when there is no network, and takes a new build of it with the next load. */

const loaded = (): Promise<unknown> =>
  document.readyState === 'complete'
    ? Promise.resolve()
    : new Promise((resolve) => window.addEventListener('load', resolve, { once: true }));

/** Registers the service worker; `language` is the one that the page is read in. */
export async function keepPage(language: string): Promise<void> {
  const { serviceWorker } = navigator;
  try {
    // When the page has all that it needs itself.
    await loaded();
    const before = await serviceWorker.getRegistration();
    before?.waiting?.postMessage({ type: 'go-on' });
    await serviceWorker.register('/sw.js', { updateViaCache: 'none' });
    const { active } = await serviceWorker.ready;
    const urls = performance.getEntriesByType('resource').map(({ name }) => name);
    active?.postMessage({ type: 'keep', language, urls });
  } catch {
    // Forbidden, or the network has gone meanwhile: the page works as well, only not without one.
  }
}
