import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { useHold } from '@/app/useHold.ts';

function Held({ active, hold }: { active: boolean; hold: (open: boolean) => void }) {
  useHold(active, hold);
  return (
    <>
      <input aria-label="words" />
      <button type="button">Press</button>
      <a href="#there">There</a>
      <details>
        <summary>More</summary>
      </details>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as the transcript has it. */}
      <div role="log" tabIndex={0} aria-label="scrolls" />
      <label>
        <input type="checkbox" /> Tick
      </label>
    </>
  );
}

it('the space bar holds the microphone, but not while somebody types', async () => {
  const hold = vi.fn();
  const { rerender } = render(<Held active={true} hold={hold} />);
  await userEvent.keyboard('[Space>][/Space]');
  expect(hold.mock.calls.map(([open]) => open)).toEqual([true, false]);
  hold.mockClear();
  await userEvent.type(screen.getByLabelText('words'), 'to Rome');
  expect(hold).not.toHaveBeenCalled();
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

it.each([
  ['button', 'Press'],
  ['link', 'There'],
  ['log', 'scrolls'],
  ['checkbox', 'Tick'],
  ['summary', 'More'],
])('a %s that has the focus keeps the space bar', async (role, name) => {
  const hold = vi.fn();
  render(<Held active={true} hold={hold} />);
  const focused = role === 'summary' ? screen.getByText(name) : screen.getByRole(role, { name });
  focused.focus();
  expect(fireEvent.keyDown(focused, { code: 'Space', key: ' ' })).toBe(true);
  fireEvent.keyUp(focused, { code: 'Space', key: ' ' });
  expect(hold).not.toHaveBeenCalled();
});

it.each(['ctrlKey', 'altKey', 'metaKey', 'shiftKey', 'isComposing'])('the space bar with %s is not its own', (held) => {
  const hold = vi.fn();
  render(<Held active={true} hold={hold} />);
  expect(fireEvent.keyDown(document.body, { code: 'Space', key: ' ', [held]: true })).toBe(true);
  expect(hold).not.toHaveBeenCalled();
});

it('a held space bar speaks once and scrolls nothing', () => {
  const hold = vi.fn();
  render(<Held active={true} hold={hold} />);
  const down = (repeat: boolean) => fireEvent.keyDown(document.body, { code: 'Space', key: ' ', repeat });
  expect([down(false), down(true), down(true)]).toEqual([false, false, false]);
  fireEvent.keyUp(screen.getByLabelText('words'), { code: 'Space', key: ' ' });
  expect(hold.mock.calls).toEqual([[true], [false]]);
});
