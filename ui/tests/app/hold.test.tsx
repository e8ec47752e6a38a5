import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { useHold } from '@/app/useHold.ts';

function Held({ active, hold }: { active: boolean; hold: (open: boolean) => void }) {
  useHold(active, hold);
  return <input aria-label="words" />;
}

it('the space bar holds the microphone, but not while somebody types', async () => {
  const hold = vi.fn();
  const { rerender } = render(<Held active={true} hold={hold} />);
  await userEvent.keyboard('[Space>][/Space]');
  expect(hold.mock.calls.map(([open]) => open)).toEqual([true, false]);
  hold.mockClear();
  await userEvent.type(screen.getByLabelText('words'), 'to Rome');
  expect(hold.mock.calls.some(([open]) => open)).toBe(false);
  expect((screen.getByLabelText('words') as HTMLInputElement).value).toBe('to Rome');
  rerender(<Held active={false} hold={hold} />);
  hold.mockClear();
  await userEvent.keyboard('[Space>][/Space]');
  expect(hold).not.toHaveBeenCalled();
});

it('whoever leaves the window lets go', () => {
  const hold = vi.fn();
  render(<Held active={true} hold={hold} />);
  window.dispatchEvent(new Event('blur'));
  expect(hold).toHaveBeenCalledWith(false);
});
