import { type ReactNode, Suspense, useState } from 'react';

/** What opens on demand; its content is made, and fetched, when it is opened first. */
export function Disclosure({ summary, children }: { summary: string; children: ReactNode }) {
  const [opened, setOpened] = useState(false);
  return (
    <details className="by-form" onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>{summary}</summary>
      {opened && <Suspense>{children}</Suspense>}
    </details>
  );
}
