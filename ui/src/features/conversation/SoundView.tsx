import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '@/ui/Icon.tsx';

type Props = {
  /** Whether the microphone is open only while it is held. */
  holding: boolean;
  onHolding: (holding: boolean) => void;
  /** The choice of devices. */
  devices: ReactNode;
};

/** How the user is heard, behind one button. */
export function SoundView({ holding, onHolding, devices }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [open, setOpen] = useState(false);
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
      >
        <label className="check">
          <input type="checkbox" checked={holding} onChange={(event) => onHolding(event.target.checked)} />
          <span>{t('hold.choose')}</span>
        </label>
        {devices}
      </div>
    </>
  );
}
