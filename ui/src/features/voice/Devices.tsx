import { useMediaDeviceSelect } from '@livekit/components-react';
import type { Room } from 'livekit-client';
import { useTranslation } from 'react-i18next';

/** The microphone and the loudspeaker of a call, among those that are there now; one that is plugged in appears. */
export function Devices({ room }: { room: Room }) {
  const { t } = useTranslation();
  // Browsers name devices on https alone, and the library throws anywhere else.
  if (!window.isSecureContext) return null;
  return (
    <>
      <Choice room={room} kind="audioinput" label={t('devices.microphone')} />
      {/* Where the browser cannot choose a loudspeaker, it lists none. */}
      <Choice room={room} kind="audiooutput" label={t('devices.speaker')} />
    </>
  );
}

type ChoiceProps = { room: Room; kind: 'audioinput' | 'audiooutput'; label: string };

function Choice({ room, kind, label }: ChoiceProps) {
  const { t } = useTranslation();
  const { devices, activeDeviceId, setActiveMediaDevice } = useMediaDeviceSelect({ room, kind });
  // Without a permission devices have no names, and a choice among nameless ones is none.
  const named = devices.filter((device) => device.label);
  if (named.length === 0) return null;
  return (
    <label className="device">
      <span>{label}</span>
      <span className="select">
        <select
          value={named.some((device) => device.deviceId === activeDeviceId) ? activeDeviceId : ''}
          onChange={(event) => void setActiveMediaDevice(event.target.value).catch(() => undefined)}
        >
          {!named.some((device) => device.deviceId === activeDeviceId) && (
            <option value="">{t('devices.usual')}</option>
          )}
          {named.map((device) => (
            <option key={device.deviceId} value={device.deviceId}>
              {device.label}
            </option>
          ))}
        </select>
      </span>
    </label>
  );
}
