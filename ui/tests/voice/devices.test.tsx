import { render } from '@testing-library/react';
import type { Room } from 'livekit-client';
import { expect, it, vi } from 'vitest';
import { Devices } from '@/features/voice/Devices.tsx';
import { FakeRoom } from './fake-room.ts';

it('where the browser names no devices there is no choice, and nothing throws', () => {
  const thrown = vi.fn();
  window.addEventListener('error', thrown);
  vi.stubGlobal('isSecureContext', false);
  const { container } = render(<Devices room={new FakeRoom() as unknown as Room} />);
  expect(container.innerHTML).toBe('');
  expect(thrown).not.toHaveBeenCalled();
  window.removeEventListener('error', thrown);
  vi.unstubAllGlobals();
});
