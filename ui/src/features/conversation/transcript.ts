/** Our own store of what was said and typed: LiveKit's is emptied when the room is left. */

/** `operator`: a person of the company who has joined the call. */
export type Side = 'user' | 'assistant' | 'operator';

export type Entry = {
  /** Segment id of the transcription, or our own id of a typed message. */
  id: string;
  /** Number of the call that it belongs to. */
  call: number;
  side: Side;
  text: string;
  /** False while the words may still change. */
  final: boolean;
  /** Language code, for the `lang` attribute. */
  language: string;
  typed: boolean;
  /** It was cut off: what is shown is not all that was meant. */
  interrupted: boolean;
  /** Typed messages only: waiting for an assistant, handed over, or not deliverable. */
  delivery: 'queued' | 'sent' | 'failed' | null;
  /** Epoch milliseconds of the first word. */
  at: number;
};

/** Adds an entry, or replaces the words of the one with the same id. A final entry never becomes tentative again. */
export function upsert(entries: readonly Entry[], entry: Entry): Entry[] {
  const index = entries.findIndex((known) => known.id === entry.id);
  const known = entries[index];
  if (!known) return entry.text.trim() === '' ? [...entries] : [...entries, entry];
  const next = [...entries];
  next[index] = {
    ...known,
    text: entry.text,
    final: known.final || entry.final,
    // Who goes on speaking was not cut off after all.
    interrupted: entry.interrupted || (known.interrupted && known.text === entry.text),
  };
  return next;
}

const FINISHED = /[.!?…。！？：:]["'”’»)）」』]*\s*$/u;

/** Whether the assistant's last words stop before their sentence does. */
export const isCutOff = (text: string): boolean => text.trim() !== '' && !FINISHED.test(text);

/** Ends what was still being said, and says of it that it was cut off. */
export function interrupt(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => (entry.final ? entry : { ...entry, final: true, interrupted: true }));
}

/** Says of what nobody was there to read that it did not arrive. */
export function undelivered(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => (entry.delivery === 'queued' ? { ...entry, delivery: 'failed' } : entry));
}

/** Marks what the user said since the assistant's last turn as being in the language it turned out to be. */
export function relabel(entries: readonly Entry[], language: string): Entry[] {
  const lastAssistant = entries.findLastIndex((entry) => entry.side === 'assistant');
  return entries.map((entry, index) => (index > lastAssistant ? { ...entry, language } : entry));
}

const UNSPACED = /^(ja|zh)\b/u;
const ONE_TURN_MS = 10_000;

/** The pieces that the pauses of one spoken turn have left, as one. */
export function inTurns(entries: readonly Entry[]): Entry[] {
  const turns: Entry[] = [];
  let begun = 0;
  for (const entry of entries) {
    const before = turns.at(-1);
    const goesOn = before && isSpoken(before) && isSpoken(entry) && before.call === entry.call;
    if (goesOn && entry.at - begun < ONE_TURN_MS) {
      const text = `${before.text}${UNSPACED.test(entry.language) ? '' : ' '}${entry.text}`;
      turns[turns.length - 1] = { ...entry, id: before.id, at: before.at, text };
    } else turns.push(entry);
    begun = entry.at;
  }
  return turns;
}

const isSpoken = ({ side, typed }: Entry): boolean => side === 'user' && !typed;
