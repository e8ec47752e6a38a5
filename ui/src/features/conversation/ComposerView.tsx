import { type FormEvent, type RefObject, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';

type Props = { onSend: (text: string) => void; input: RefObject<HTMLInputElement | null> };

const MAX_LENGTH = 1000;

/** Typing is always possible, also beside speaking. */
export function ComposerView({ onSend, input }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');

  function submit(event: FormEvent): void {
    event.preventDefault();
    const words = text.trim();
    if (!words) return;
    setText('');
    onSend(words);
  }

  return (
    <form className="composer" onSubmit={submit}>
      <label htmlFor={id} className="sr-only">
        {t('composer.label')}
      </label>
      <input
        id={id}
        ref={input}
        type="text"
        // Words are written in the direction of their own language, not of the page's.
        dir="auto"
        value={text}
        maxLength={MAX_LENGTH}
        autoComplete="off"
        enterKeyHint="send"
        placeholder={t('composer.placeholder')}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button icon-only" aria-label={t('composer.send')}>
        <Icon name="send" />
      </button>
    </form>
  );
}
