import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Place } from '@/api/schemas.ts';

export type Suggest = (text: string) => Promise<Place[]>;

/** What was typed; and the place that was chosen for it, whose code is beyond doubt. */
export type PlaceText = { text: string; code: string | null };

type Props = {
  id: string;
  name: string;
  value: PlaceText;
  invalid: boolean;
  describedBy: string | undefined;
  suggest: Suggest;
  onChange: (value: PlaceText) => void;
};

const PAUSE_MS = 200;

const nameOf = (place: Place): string => (place.area ? `${place.name}, ${place.area}` : place.name);

/** A place by name, with the places that the letters so far can mean (ARIA's combobox); any words may be typed. */
export function PlaceField({ id, name, value, invalid, describedBy, suggest, onChange }: Props) {
  const { t } = useTranslation();
  const list = useId();
  const [places, setPlaces] = useState<Place[]>([]);
  const [typing, setTyping] = useState(false);
  const [at, setAt] = useState(-1);
  const options = useRef<HTMLDivElement>(null);
  const { text } = value;
  useEffect(() => {
    if (!typing || text.trim().length < 2) {
      setPlaces([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      // Without suggestions the field is as good as before.
      suggest(text).then(
        (found) => {
          if (!current) return;
          setPlaces(found);
          setAt(-1);
        },
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, typing, suggest]);

  const open = typing && places.length > 0;
  const active = `${list}-${at}`;
  useEffect(() => {
    // The list may be longer than its box.
    if (open && at >= 0) options.current?.children[at]?.scrollIntoView?.({ block: 'nearest' });
  }, [open, at]);

  function choose(place: Place): void {
    setTyping(false);
    onChange({ text: nameOf(place), code: place.code });
  }

  function move(step: number): void {
    // From the field through the list and back to the field.
    const count = places.length + 1;
    setAt(((at + 1 + step + count) % count) - 1);
  }

  function onKey(event: KeyboardEvent): void {
    // What an input method is composing has the keys for itself.
    if (!open || event.nativeEvent.isComposing) return;
    const chosen = places[at];
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Escape') setTyping(false);
    else if (event.key === 'Enter' && chosen) choose(chosen);
    else return;
    // Neither the form nor the call takes them too.
    event.preventDefault();
  }

  return (
    <div className="combobox">
      <input
        id={id}
        name={name}
        type="text"
        role="combobox"
        required
        value={text}
        maxLength={80}
        autoComplete="off"
        aria-expanded={open}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open && at >= 0 ? active : undefined}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        onKeyDown={onKey}
        onBlur={() => setTyping(false)}
        onChange={(event) => {
          setTyping(true);
          onChange({ text: event.target.value, code: null });
        }}
      />
      <div ref={options} id={list} role="listbox" aria-label={t('place.list')} hidden={!open}>
        {places.map((place, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys.
          // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus.
          <div
            key={place.code}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            // Before the field loses the focus, and the list with it.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(place)}
          >
            <bdi>{nameOf(place)}</bdi> <span className="muted">{place.code}</span>
          </div>
        ))}
      </div>
      <p role="status" className="sr-only">
        {open ? t('place.found', { number: places.length }) : ''}
      </p>
    </div>
  );
}
