import { type FormEvent, type RefObject, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FILE_TYPES } from '@/features/voice/files.ts';
import { Icon } from '@/ui/Icon.tsx';

/** What becomes of words that are typed now: they are read, kept until they can be, or read by nobody any more. */
export type Becomes = 'read' | 'kept' | 'unread';

type Props = {
  onSend: (text: string) => void;
  input: RefObject<HTMLInputElement | null>;
  becomes?: Becomes;
  /** A picture or a PDF for the assistant to look at; left out where it looks at none. */
  onFile?: (file: File) => void;
  /** Begins to share the screen; left out where that cannot be, or is done already. */
  onShare?: () => void;
};

const MAX_LENGTH = 1000;
const INVITES = { read: 'composer.placeholder', kept: 'composer.later', unread: 'status.ending' } as const;

/** Typing is always possible, also beside speaking. */
export function ComposerView({ onSend, input, becomes = 'read', onFile, onShare }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState('');
  const files = useRef<HTMLInputElement>(null);

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
        placeholder={t(INVITES[becomes])}
        onChange={(event) => setText(event.target.value)}
      />
      {onFile && (
        <>
          <input
            ref={files}
            type="file"
            hidden
            accept={FILE_TYPES.join(',')}
            data-testid="file"
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              // So that the same one can be chosen again.
              event.target.value = '';
              if (file) onFile(file);
            }}
          />
          <button
            type="button"
            className="button icon-only quiet"
            aria-label={t('file.attach')}
            title={t('file.attach')}
            onClick={() => files.current?.click()}
          >
            <Icon name="attach" />
          </button>
        </>
      )}
      {onShare && (
        <button
          type="button"
          className="button icon-only quiet"
          aria-label={t('share.start')}
          title={t('share.start')}
          onClick={onShare}
        >
          <Icon name="screen" />
        </button>
      )}
      <button type="submit" className="button icon-only" aria-label={t('composer.send')}>
        <Icon name="send" />
      </button>
    </form>
  );
}
