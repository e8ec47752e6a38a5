import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';

type Props = {
  /** Whether the microphone is open only while it is held. */
  holding: boolean;
  /** Left out where no microphone is open. */
  onHolding?: ((holding: boolean) => void) | undefined;
  /** Whether the assistant is read and not heard. */
  captions: boolean;
  onCaptions: (only: boolean) => void;
  /** The choice of devices. */
  devices: ReactNode;
};

/** How the user is heard, and whether the assistant is; behind one button. */
export function SoundView({ holding, onHolding, captions, onCaptions, devices }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    // Whoever goes on by keys must see where they are. Later: a box that closes under the focus takes it along.
    const left = ({ relatedTarget }: FocusEvent): void => {
      if (relatedTarget && !current?.contains(relatedTarget as Node)) queueMicrotask(() => current?.hidePopover());
    };
    current?.addEventListener('focusout', left);
    return () => current?.removeEventListener('focusout', left);
  }, []);
  return (
    <>
      <button type="button" className="button icon-only" popoverTarget={id} aria-label={t('devices.title')}>
        <Icon name="sound" />
      </button>
      <div
        className="sound"
        id={id}
        popover="auto"
        data-open={open}
        onToggle={(event) => setOpen(event.newState === 'open')}
        ref={box}
      >
        {onHolding && (
          <label className="check">
            <input type="checkbox" checked={holding} onChange={(event) => onHolding(event.target.checked)} />
            <span>{t('hold.choose')}</span>
          </label>
        )}
        <label className="check">
          <input type="checkbox" checked={captions} onChange={(event) => onCaptions(event.target.checked)} />
          <span>{t('captions.only')}</span>
        </label>
        {devices}
      </div>
    </>
  );
}
