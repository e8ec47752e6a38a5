import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { YourData } from '@/features/privacy/YourData.tsx';

const RECEIPT = 'ABCDEFGHJKLMNPQRSTUV';
let answer: { code: number; body: unknown };

beforeEach(() => {
  answer = { code: 200, body: { status: 'erased', rows: { turns: 2 }, erased_at: '2026-11-28T10:00:00Z' } };
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(JSON.stringify(answer.body), { status: answer.code })),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });
const asked = (): unknown[] =>
  vi.mocked(fetch).mock.calls.map(([path, init]) => [path, JSON.parse(String(init?.body))]);

it('shows the receipt as people copy it, and what is kept', () => {
  render(<YourData receipt={RECEIPT} kept={false} />);
  expect(screen.getByText('ABCDE-FGHJK-LMNPQ-RSTUV')).toBeTruthy();
  expect(screen.getByText(/Your words are not kept/)).toBeTruthy();
});

const erase = async (): Promise<void> => {
  await userEvent.click(button('Erase my data'));
  await userEvent.click(screen.getByRole('button', { name: 'Erase my data', description: 'Erase for good?' }));
};

it('erases by the receipt, and says how much, when, and that nothing is left', async () => {
  answer = { code: 200, body: { status: 'erased', rows: { turns: 9, events: 3 }, erased_at: '2026-11-28T10:00:00Z' } };
  render(<YourData receipt={RECEIPT} kept={true} />);
  await erase();
  await waitFor(() => expect(screen.getByText(/^Erased.* Entries erased: 12 \(.*2026.*\)/)).toBeTruthy());
  expect(asked()).toEqual([['/v1/privacy/erase', { receipt: RECEIPT }]]);
  expect(screen.queryByRole('button')).toBeNull();
});

it('asks before it erases; what is pressed twice by mistake keeps the data', async () => {
  render(<YourData receipt={RECEIPT} kept={true} />);
  await userEvent.dblClick(button('Erase my data'));
  expect(screen.queryByText('Erase for good?')).toBeNull();
  expect(asked()).toEqual([]);
  await userEvent.click(button('Erase my data'));
  await userEvent.click(button('Keep it'));
  expect(button('Get my data')).toBeTruthy();
  expect(asked()).toEqual([]);
});

it('takes a code of another day as it was copied, and only a whole one', async () => {
  render(<YourData receipt={null} kept={false} />);
  const field = screen.getByLabelText('Receipt code');
  await userEvent.type(field, 'abcde-fghjk-lmnpq');
  expect(button('Erase my data').disabled).toBe(true);
  await userEvent.type(field, ' rstuv');
  await erase();
  await waitFor(() => expect(asked()).toEqual([['/v1/privacy/erase', { receipt: RECEIPT }]]));
});

it('hands over what is kept as a file', async () => {
  const files: Blob[] = [];
  vi.spyOn(URL, 'createObjectURL').mockImplementation((file) => {
    files.push(file as Blob);
    return 'blob:file';
  });
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  answer = { code: 200, body: { turns: [{ text: 'to Rome' }], call: { id: 'x' } } };
  render(<YourData receipt={RECEIPT} kept={true} />);
  await userEvent.click(button('Get my data'));
  await waitFor(() => expect(screen.getByText(/saved as a file/)).toBeTruthy());
  expect(JSON.parse((await files[0]?.text()) ?? '')).toEqual(answer.body);
});

it.each([
  [404, /nothing under this code/],
  [503, /did not work/],
])('says what went wrong: %s', async (code, words) => {
  answer = { code, body: null };
  render(<YourData receipt={RECEIPT} kept={true} />);
  await erase();
  await waitFor(() => expect(screen.getByText(words)).toBeTruthy());
  expect(button('Erase my data').disabled).toBe(false);
});
