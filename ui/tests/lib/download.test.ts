import { afterEach, expect, it, vi } from 'vitest';
import { downloadText } from '@/lib/download.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('clicks a link that is in the page, and lets go of it only when every browser has begun', () => {
  vi.useFakeTimers();
  const revoked = vi.spyOn(URL, 'revokeObjectURL').mockReturnValue();
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  let inPage = false;
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    inPage = this.isConnected && this.download === 'a.txt';
  });
  downloadText('a.txt', 'words');
  expect(inPage).toBe(true);
  expect(revoked).not.toHaveBeenCalled();
  expect(document.querySelector('a')).toBeNull();
  vi.runAllTimers();
  expect(revoked).toHaveBeenCalledExactlyOnceWith('blob:x');
});
