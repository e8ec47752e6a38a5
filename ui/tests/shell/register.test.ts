import { afterEach, expect, it, vi } from 'vitest';
import { keepPage } from '@/shell/register.ts';

afterEach(() => vi.unstubAllGlobals());

function worker(waiting: { postMessage: () => void } | null) {
  const active = { postMessage: vi.fn() };
  const serviceWorker = {
    getRegistration: vi.fn().mockResolvedValue({ waiting }),
    register: vi.fn().mockResolvedValue({}),
    ready: Promise.resolve({ active }),
  };
  vi.stubGlobal('navigator', { serviceWorker });
  return { active, serviceWorker };
}

it('keeps the language and the files of this load', async () => {
  const { active, serviceWorker } = worker(null);
  vi.spyOn(performance, 'getEntriesByType').mockReturnValue([{ name: 'http://x/assets/a.js' } as PerformanceEntry]);
  await keepPage('es');
  expect(serviceWorker.register).toHaveBeenCalledWith('/sw.js', { updateViaCache: 'none' });
  expect(active.postMessage).toHaveBeenCalledWith({ type: 'keep', language: 'es', urls: ['http://x/assets/a.js'] });
});

it('lets a newer build begin with this load', async () => {
  const waiting = { postMessage: vi.fn() };
  worker(waiting);
  await keepPage('en');
  expect(waiting.postMessage).toHaveBeenCalledWith({ type: 'go-on' });
});

it('is silent where the browser forbids it', async () => {
  const { serviceWorker } = worker(null);
  serviceWorker.register.mockRejectedValue(new DOMException('no', 'SecurityError'));
  await expect(keepPage('en')).resolves.toBeUndefined();
});
