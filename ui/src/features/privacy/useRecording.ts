import { useEffect, useState } from 'react';
import type { Recording } from '@/features/conversation/WelcomeView.tsx';

/** The traveller's consent to a recording; null where none is offered. Asked for once; not known is no. */
export function useRecording(): Recording {
  const [offered, setOffered] = useState(false);
  const [agreed, onAgree] = useState(false);
  useEffect(() => {
    // Not with the first load: nobody waits for it.
    import('@/api/client.ts').then(async (api) => setOffered(await api.recordingOffered())).catch(() => undefined);
  }, []);
  return offered ? { agreed, onAgree } : null;
}
