import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SearchResult } from '@/api/schemas.ts';
import { CallView, type CallViewProps } from '@/features/conversation/CallView.tsx';
import { reduce } from '@/features/conversation/state.ts';
import { WelcomeView } from '@/features/conversation/WelcomeView.tsx';
import { limitsOf } from '@/features/flights/facets.ts';
import { ALL } from '@/features/flights/view.ts';
import { onwards, STATES } from '@/gallery/states.ts';
import { changeLanguage } from '@/i18n/index.ts';
import { resultsMessage } from '../fixtures.ts';

const handlers = {
  onSend: vi.fn(),
  onStop: vi.fn(),
  onMuted: vi.fn(),
  onLanguage: vi.fn(),
  onSelect: vi.fn(),
  onView: vi.fn(),
  onRetry: vi.fn(),
  onEnd: vi.fn(),
  onHold: vi.fn(),
  onRestart: vi.fn(),
  onDownload: vi.fn(),
  onDismissNotice: vi.fn(),
  onAllowPlayback: vi.fn(),
};
const VIEW = { ...ALL, max_stops: 1 };
const show = (name: keyof typeof STATES, change: Partial<CallViewProps> = {}) =>
  render(
    <CallView
      state={STATES[name]}
      meter={null}
      searchForm={<form aria-label="search" />}
      retrying={false}
      {...handlers}
      {...change}
    />,
  );
/** What the gallery shows as results, with something else in them. */
const withResult = (change: (result: SearchResult) => SearchResult) => {
  const message = resultsMessage();
  return onwards(STATES.results, { type: 'results', message: { ...message, result: change(message.result) } });
};
const button = (name: string | RegExp) => screen.getByRole('button', { name });

beforeEach(() => {
  vi.clearAllMocks();
});

describe('the room', () => {
  it('says its state in words', () => {
    show('searching');
    expect(document.querySelector('.status')?.textContent).toContain('Searching flights…');
  });

  it('shows while the call is recorded and the screen is shared, and how to end that', async () => {
    const onShare = vi.fn();
    const { unmount } = show('listening', { onShare });
    expect(screen.queryByText('This call is being recorded.')).toBeNull();
    await userEvent.click(button('Share your screen'));
    expect(onShare).toHaveBeenCalledWith(true);
    unmount();
    show('listening', {
      onShare,
      state: onwards(STATES.listening, { type: 'recording', on: true }, { type: 'sharing', on: true }),
    });
    expect(screen.getByText('This call is being recorded.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Share your screen' })).toBeNull();
    await userEvent.click(button('Stop sharing'));
    expect(onShare).toHaveBeenLastCalledWith(false);
  });

  it('marks each turn with its language, and tentative words as such', () => {
    show('hearing');
    const said = screen.getByText('Find me a flight from');
    expect([said.lang, said.closest('li')?.dataset.final]).toEqual(['en', 'false']);
  });

  it('does not read out words that grow', () => {
    show('hearing');
    expect(screen.getByRole('log').getAttribute('aria-live')).toBe('off');
  });

  it('hands on every control', async () => {
    const user = userEvent.setup();
    show('results');
    await user.click(button('Stop'));
    await user.click(button('Mute'));
    await user.click(button('End'));
    await user.selectOptions(screen.getByLabelText('I will speak'), 'ja');
    await user.type(screen.getByLabelText('Message to the assistant'), '  to Rome {Enter}');
    expect(handlers.onStop).toHaveBeenCalledOnce();
    expect(handlers.onMuted).toHaveBeenCalledWith(true);
    expect(handlers.onEnd).toHaveBeenCalledOnce();
    expect(handlers.onLanguage).toHaveBeenCalledWith('ja');
    expect(handlers.onSend).toHaveBeenCalledExactlyOnceWith('to Rome');
  });

  it('sends nothing when nothing was typed', async () => {
    const user = userEvent.setup();
    show('listening');
    await user.type(screen.getByLabelText('Message to the assistant'), '   {Enter}');
    expect(handlers.onSend).not.toHaveBeenCalled();
  });

  it('offers examples that ask themselves', async () => {
    show('listening');
    await userEvent.click(button('Find me a flight from Madrid to Berlin tomorrow'));
    expect(handlers.onSend).toHaveBeenCalledWith('Find me a flight from Madrid to Berlin tomorrow');
  });

  it('without a microphone says so, leads to typing and offers to ask again', async () => {
    show('notice');
    expect(screen.getByRole('alert').textContent).toContain('not allowed');
    await userEvent.click(button('Type instead'));
    expect(document.activeElement).toBe(screen.getByLabelText('Message to the assistant'));
    await userEvent.click(button('Use microphone'));
    expect(handlers.onMuted).toHaveBeenCalledWith(false);
  });

  it('shows a notice in its own language with what can be done', async () => {
    show('notice');
    expect(screen.getByText(/búsqueda de vuelos/).lang).toBe('es');
    await userEvent.click(button('Try again'));
    expect(handlers.onRetry).toHaveBeenCalledOnce();
  });

  it('when no agent comes: the words of the API, a retry and a search without one', async () => {
    show('failed');
    expect(screen.getByText('No assistant could join this call.')).toBeTruthy();
    expect(screen.getByRole('form', { name: 'search' })).toBeTruthy();
    await userEvent.click(button('Try again'));
    expect(handlers.onRetry).toHaveBeenCalledOnce();
  });

  it('keeps words and cards after the call', async () => {
    show('ended');
    expect(screen.getAllByRole('article')).toHaveLength(4);
    await userEvent.click(button('Save transcript'));
    await userEvent.click(button('As captions (WebVTT)'));
    await userEvent.click(button('As data (JSON)'));
    await userEvent.click(button('Start a new call'));
    expect(handlers.onDownload.mock.calls).toEqual([['txt'], ['vtt'], ['json']]);
    expect(handlers.onRestart).toHaveBeenCalledOnce();
  });
});

describe('the cards', () => {
  const cards = () => screen.getAllByRole('article');

  it('carry what a fare must not leave out', () => {
    show('results', { state: reduce(STATES.results, { type: 'select', number: 1 }) });
    const text = (cards()[0]?.textContent ?? '').replace(/\s/g, ' ');
    for (const part of [
      'Iberia',
      'IB3676',
      'operated by Iberia Express',
      '89.90',
      'Nonstop',
      'MAD',
      'BER',
      '2h 55m',
      'Cabin bag: 1',
      'No checked bag',
      'Sample data',
      'Price at',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('tell an unknown bag from none, a stop by its city, and the next day', () => {
    show('results');
    expect(cards()[1]?.textContent).toContain('Checked bag: not stated'); // the one that is open
    expect(cards()[1]?.textContent).toContain('1 stop, Barcelona');
    expect(cards()[3]?.textContent).toContain('1 day later');
  });

  it('mark sample data on the list and on every card', () => {
    show('results');
    expect(screen.getByText(/made up for demonstration/)).toBeTruthy();
    for (const card of cards()) expect(within(card).getByText('Sample data')).toBeTruthy();
  });

  it.each(['metasearch', 'cached'] as const)(
    'say that %s prices are indicative, and that live ones are not',
    (kind) => {
      const as = (price_kind: 'live' | typeof kind) =>
        withResult((result) => ({
          ...result,
          price_kind,
          offers: result.offers.map((offer) => ({ ...offer, price_kind })),
        }));
      const { unmount } = show('results', { state: as(kind) });
      expect(screen.getByText(/the airline may ask for another/)).toBeTruthy();
      unmount();
      show('results', { state: as('live') });
      expect(screen.queryByText(/the airline may ask for another/)).toBeNull();
      expect(screen.queryByText(/made up for demonstration/)).toBeNull();
    },
  );

  it('say how many of all that was found they are', () => {
    show('results');
    expect(screen.getByText('4 of 6 flights')).toBeTruthy();
  });

  it('show which one is talked about, and are chosen by number', async () => {
    show('results');
    expect(cards().map((card) => within(card).getByRole('button').getAttribute('aria-expanded'))).toEqual([
      'false',
      'true',
      'false',
      'false',
    ]);
    await userEvent.click(button(/Flight 3: Lufthansa/));
    expect(handlers.onSelect).toHaveBeenCalledWith(3);
    await userEvent.click(button(/Flight 2: Vueling/));
    expect(handlers.onSelect).toHaveBeenLastCalledWith(null);
    expect(
      within(cards()[1]?.querySelector('.detail') as HTMLElement).getByText('Change in Barcelona, 1h 35m'),
    ).toBeTruthy();
    expect(within(cards()[0] as HTMLElement).queryByText(/Adolfo Suárez/)).toBeNull();
  });

  it('show how they were chosen', () => {
    show('results');
    expect(screen.getByLabelText<HTMLInputElement>('Cheapest first').checked).toBe(true);
    expect(screen.getByLabelText<HTMLSelectElement>('Stops').value).toBe('1');
  });

  it('are sorted and filtered by touch, each wish beside the others', async () => {
    show('results');
    await userEvent.click(screen.getByLabelText('Fastest first'));
    expect(handlers.onView).toHaveBeenLastCalledWith({ ...VIEW, sort_by: 'duration' });
    await userEvent.selectOptions(screen.getByLabelText('Stops'), 'Nonstop');
    expect(handlers.onView).toHaveBeenLastCalledWith({ ...VIEW, max_stops: 0 });
    await userEvent.selectOptions(screen.getByLabelText('Airline'), 'Vueling');
    expect(handlers.onView).toHaveBeenLastCalledWith({ ...VIEW, carrier: 'VY' });
    await userEvent.selectOptions(screen.getByLabelText('Time of departure'), '18:00-');
    expect(handlers.onView).toHaveBeenLastCalledWith({ ...VIEW, depart_from: '18:00' });
    const [limit = ''] = limitsOf(resultsMessage().result.offers);
    await userEvent.selectOptions(screen.getByLabelText('Price'), limit);
    expect(handlers.onView).toHaveBeenLastCalledWith({ ...VIEW, max_price: limit });
  });

  it('say what was asked for and not kept, and that there may be more', () => {
    show('results', { state: withResult((result) => ({ ...result, complete: false, unkept: ['bags'] })) });
    expect(screen.getByText(/there may be more flights/)).toBeTruthy();
    expect(screen.getByText(/whether a checked bag is in the price/)).toBeTruthy();
  });

  it('leave the form within reach', () => {
    show('results');
    expect(screen.getByRole('form', { hidden: true })).toBeTruthy();
  });

  it('speak the language of the page', async () => {
    await changeLanguage('de');
    show('results');
    const text = (cards()[0]?.textContent ?? '').replace(/[\u00a0\u202f]/g, ' ');
    expect(text).toContain('89,90 €');
    expect(text).toContain('Beispieldaten');
  });
});

describe('the welcome', () => {
  const props = {
    language: 'auto',
    storeTurns: false,
    starting: false,
    onLanguage: vi.fn(),
    onStoreTurns: vi.fn(),
    onIntent: vi.fn(),
    onStart: vi.fn(),
    onType: vi.fn(),
    yourData: <p>your data</p>,
  };

  it('says that it is an AI, keeps nothing unless told to, and starts', async () => {
    render(<WelcomeView {...props} />);
    expect(screen.getByText('You will talk to an AI')).toBeTruthy();
    const keep = screen.getByLabelText<HTMLInputElement>('Keep my transcript');
    expect(keep.checked).toBe(false);
    await userEvent.click(keep);
    expect(props.onStoreTurns).toHaveBeenCalledWith(true);
    await userEvent.click(button('Start talking'));
    expect(props.onIntent).toHaveBeenCalled();
    expect(props.onStart).toHaveBeenCalledOnce();
  });

  it('asks for a recording only where one is offered, and apart from the transcript', async () => {
    const { rerender } = render(<WelcomeView {...props} />);
    expect(screen.queryByLabelText(/Record the sound/)).toBeNull();
    const onAgree = vi.fn();
    rerender(<WelcomeView {...props} recording={{ agreed: false, onAgree }} />);
    const record = screen.getByLabelText<HTMLInputElement>(/Record the sound/);
    expect(record.checked).toBe(false);
    await userEvent.click(record);
    expect(onAgree).toHaveBeenCalledWith(true);
  });

  it('starts without a microphone for whoever would rather type', async () => {
    render(<WelcomeView {...props} />);
    await userEvent.click(button('Type instead, without microphone'));
    expect(props.onType).toHaveBeenCalledOnce();
  });

  it('offers automatic and eight languages by their own names', async () => {
    render(<WelcomeView {...props} />);
    expect(screen.getAllByRole('radio')).toHaveLength(9);
    await userEvent.click(screen.getByLabelText('日本語'));
    expect(props.onLanguage).toHaveBeenCalledWith('ja');
  });
});

describe('how the user is heard', () => {
  it('the microphone is held by finger and by key, and let go by leaving', async () => {
    show('listening', { state: onwards(STATES.listening, { type: 'hold', hold: 'closed' }) });
    const held = button('Hold to talk');
    await userEvent.pointer([{ keys: '[MouseLeft>]', target: held }, { keys: '[/MouseLeft]' }]);
    held.focus();
    await userEvent.keyboard('{Enter>}{/Enter}');
    await userEvent.tab();
    expect(handlers.onHold.mock.calls.map(([hold]) => hold)).toEqual(['open', 'closed', 'open', 'closed', 'closed']);
    expect(screen.queryByRole('button', { name: 'Mute' })).toBeNull();
  });

  it('holding is a choice beside the devices', async () => {
    show('listening', { devices: <p>devices</p> });
    await userEvent.click(screen.getByLabelText(/only while I hold/));
    expect(handlers.onHold).toHaveBeenCalledWith('closed');
    expect(screen.getByText('devices')).toBeTruthy();
  });
});

it('a file is offered where the assistant looks at one, of the kinds that it takes', async () => {
  const onFile = vi.fn();
  show('listening', { onFile });
  const chosen = screen.getByTestId('file') as HTMLInputElement;
  expect(chosen.accept).toContain('application/pdf');
  const ticket = new File(['x'], 'ticket.pdf', { type: 'application/pdf' });
  await userEvent.upload(chosen, ticket);
  expect(onFile).toHaveBeenCalledExactlyOnceWith(ticket);
});
